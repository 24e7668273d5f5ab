/** The page at the root: what this server is, where its other pages are, and a first call. */
import { html, nothing, render, type TemplateResult } from "lit-html";
import type { PageSettings } from "../../worker/model/page-settings.ts";
import { connectRequest } from "../shared/api/connect-request.ts";
import { canSign, localToken, userOf } from "../shared/caller.ts";
import { curl } from "../shared/equivalents/curl.ts";
import { EXAMPLE_ARN, FIRST_CALL } from "../shared/first-call.ts";
import { startPage } from "../shared/settings.ts";
import { textView } from "../shared/views/text.ts";
import { topView } from "../shared/views/top.ts";

const page = document.getElementById("home") as HTMLElement;

startPage(page, async (settings) => {
  const { localTokens } = settings;
  const token = localTokens && canSign() ? await localToken(localTokens, userOf(EXAMPLE_ARN)) : undefined;
  const show = (said: string) => render(homeView(settings, token, said, show), page);
  show("");
});

function homeView(
  settings: PageSettings,
  token: string | undefined,
  said: string,
  say: (said: string) => void,
): TemplateResult {
  const call = curl(location.origin, connectRequest(FIRST_CALL), `Bearer ${token ?? "$TOKEN"}`);
  return html`
    ${topView({ settings, title: "" })}
    <main>
      <p class="lead">The register of push endpoints: which devices get the push notifications of which user.</p>
      <p>It has the five endpoint operations of the Amazon Chime SDK Identity API, which AWS SDKs and the AWS CLI call at
        <code>${location.origin}</code>; and for whoever sends the pushes, the device tokens that may be woken now, and a place
        to report those that failed. Clients of Connect and gRPC-Web call all of it.</p>
      <ul class="places">${placesIn(settings).map(
        ({ path, title, about }) => html`<li><a href=${path}>${title}</a> <span>${about}</span></li>`,
      )}</ul>
      <h2>Register an endpoint</h2>
      ${textView(call, "Register an endpoint, with curl", say)}
      <p class="note">${noteOn(settings, token)}</p>
      <p class="said" role="status">${said}</p>
    </main>`;
}

function noteOn({ localMode, pages }: PageSettings, token: string | undefined): TemplateResult | typeof nothing {
  if (token !== undefined) {
    const isSeen = pages.includes("console") ? html` and <a href="/console">see it in the console</a>` : nothing;
    return html`Paste it into a terminal${isSeen}. The token is one of local mode: it is for alice, for a day.`;
  }
  return localMode
    ? html`<code>export TOKEN=$(npm run --silent token -- alice)</code>`
    : html`<code>TOKEN</code> is a bearer token of an issuer that this server knows.`;
}

function placesIn({ pages }: PageSettings) {
  const places = [
    {
      ...{ path: "/console", title: "Console", page: "console" },
      about: "Look a user up; see what a sender gets, and why not; change endpoints; see every error as it is sent.",
    },
    {
      ...{ path: "/docs", title: "API reference", page: "docs" },
      about: "Every operation, with samples for curl, the AWS CLI, Python and TypeScript, to try in place.",
    },
    { path: "/openapi.json", title: "OpenAPI description", page: "docs", about: "The same for tools." },
    { path: "/health", title: "Health", page: undefined, about: "Whether the server is up, and its version." },
  ];
  return places.filter(({ page }) => page === undefined || pages.includes(page));
}
