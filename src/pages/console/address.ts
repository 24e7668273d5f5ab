/** The user that is shown, in the fragment of the page's URL, which no browser sends. A token is never in it. */

/** The ARN that a link to this page names. */
export function userInUrl(): string | undefined {
  return new URLSearchParams(location.hash.slice(1)).get("user") ?? undefined;
}

/** Makes the page's URL a link to this user. */
export function linkTo(arn: string): void {
  history.replaceState(null, "", `#${new URLSearchParams({ user: arn })}`);
}
