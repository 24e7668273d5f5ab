import { html, type TemplateResult } from "lit-html";
import { isReplay, madeAt, type Registered, type Replay } from "../replay.ts";
import { exactlyView } from "./when.ts";

/** Two answers to one registration, side by side, and how to tell that the second made nothing. */
export function replayView(replay: Replay): TemplateResult {
  const { first, again } = replay;
  const rows: [string, (of: Registered) => TemplateResult | string | number][] = [
    ["Called at", ({ calledAt }) => exactlyView(calledAt)],
    ["EndpointId", ({ endpointId }) => html`<code>${endpointId}</code>`],
    [
      "Registered at, by the id",
      ({ endpointId }) => {
        const at = madeAt(endpointId);
        return at === undefined ? "it does not say" : exactlyView(at);
      },
    ],
    ["Slots used then", ({ slotsUsed }) => slotsUsed ?? "unknown"],
  ];
  return html`
    <div class="replay">
      <div class="scroll" tabindex="0" role="region" aria-label="First and again">
        <table>
          <thead><tr><td></td><th scope="col">First</th><th scope="col">Again</th></tr></thead>
          <tbody>${rows.map(
            ([name, cell]) => html`<tr><th scope="row">${name}</th><td>${cell(first)}</td><td>${cell(again)}</td></tr>`,
          )}</tbody>
        </table>
      </div>
      <p class="note">${
        isReplay(replay)
          ? `A replay. The wire does not say so, because a caller who retries must not care; but the id is the same, it begins
            with the time of the first call (it is a UUIDv7), and no slot more is used.`
          : "No replay: the request token was no longer known, so the device was registered anew."
      }</p>
    </div>`;
}
