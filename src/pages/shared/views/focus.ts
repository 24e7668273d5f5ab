/** Moves the focus to an element, once what was changed is on the page. */
export function focusLater(id: string): void {
  requestAnimationFrame(() => document.getElementById(id)?.focus());
}

/** Scrolls to an element if it is out of sight, once what was changed is on the page. */
export function revealLater(id: string): void {
  requestAnimationFrame(() => document.getElementById(id)?.scrollIntoView({ block: "nearest" }));
}

/** What a link within the page does: moves the focus there, and leaves the page's URL as it is. */
export function goTo(id: string, before: () => void = () => undefined): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    before();
    focusLater(id);
  };
}
