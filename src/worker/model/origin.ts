/**
 * Origins of web pages, as an operator lists them: one as browsers send it, of whichever scheme, since the web views of
 * hybrid apps have schemes of their own (`capacitor://localhost`); or `https://*.example.com`, for all that is under a name.
 */
export function isOriginPattern(text: string): boolean {
  if (text.includes("*")) {
    // At least two labels: all that is under a top-level domain belongs to nobody.
    return /^https?:\/\/\*\.[^.*]+\.[^*]+$/.test(text) && isOrigin(text.replace("*", "any"));
  }
  return isOrigin(text);
}

/** Whether an Origin header names an origin that is meant. */
export function matchesOrigin(pattern: string, origin: string): boolean {
  const [start = "", end] = pattern.split("*");
  if (end === undefined) {
    return origin === pattern;
  }
  const isFramed = origin.startsWith(start) && origin.endsWith(end) && origin.length > start.length + end.length;
  return isFramed && /^[\w.-]+$/.test(origin.slice(start.length, -end.length));
}

/** In the one spelling that browsers send. A parsed URL tells no origin of a scheme that is not the web's own. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.host === "") {
    return false;
  }
  return url.origin === text || (url.origin === "null" && url.href === text && `${url.protocol}//${url.host}` === text);
}
