/** Moves the focus to an element, once what was changed is on the page. */
export function focusLater(id: string): void {
  requestAnimationFrame(() => document.getElementById(id)?.focus());
}
