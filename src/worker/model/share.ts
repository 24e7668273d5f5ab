/** How much of something: "all", "none", or a number between them such as "0.1". Undefined where it is none of these. */
export function shareIn(text: string): number | undefined {
  if (text === "all" || text === "none") {
    return text === "all" ? 1 : 0;
  }
  const share = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
  return share !== undefined && share <= 1 ? share : undefined;
}
