/** What a screen reader calls the selects of Swagger UI, which have no names of their own. */
const NAMES: Readonly<Record<string, string>> = {
  "#servers": "Server",
  ".content-type": "Media type",
  ".examples-select-element": "Example",
};

/** Names the selects in a page, now and whenever one is added. */
export function nameSelects(page: Element): void {
  const name = () => {
    for (const [selector, label] of Object.entries(NAMES)) {
      for (const select of page.querySelectorAll(`select${selector}:not([aria-label])`)) {
        select.setAttribute("aria-label", label);
      }
    }
  };
  new MutationObserver(name).observe(page, { childList: true, subtree: true });
  name();
}
