import { html, nothing, type TemplateResult } from "lit-html";
import { type Described, type Document, resolved, type Schema } from "../document.ts";
import { markdownView } from "./markdown.ts";

/** What a request may hold. */
export function requestMembersView(document: Document, { parameters = [], requestBody }: Described): TemplateResult {
  const body = resolved(document, requestBody?.content["application/json"].schema ?? {});
  return html`
    <dl class="members">
      ${parameters.map(({ name, in: where, required, description, schema }) =>
        memberView(document, name, { ...schema, description }, required, `in the ${where}`),
      )}
      ${membersOf(document, body)}
    </dl>`;
}

/** The members of an object, those of objects within it after it. */
export function membersView(document: Document, schema: Schema): TemplateResult {
  return html`<dl class="members">${membersOf(document, resolved(document, schema))}</dl>`;
}

function membersOf(document: Document, { properties = {}, required = [] }: Schema, prefix = ""): TemplateResult[] {
  return Object.entries(properties).map(([name, schema]) =>
    memberView(document, prefix + name, schema, required.includes(name)),
  );
}

function memberView(
  document: Document,
  name: string,
  schema: Schema,
  isRequired: boolean,
  where?: string,
): TemplateResult {
  const { description, ...type } = resolved(document, schema);
  const inner = type.items === undefined ? type : resolved(document, type.items);
  const facts = [typeText(type), where, lengthText(type.items ?? type)].filter(Boolean).join(", ");
  // What a member is for is said beside the reference; what its type's values mean, in the type.
  const meanings = type.enum && schema.$ref ? resolved(document, { $ref: schema.$ref }).description : undefined;
  return html`
    <div class="member">
      <dt><code>${nameView(name)}</code> <span class="quiet">${facts}</span> ${isRequired ? html`<span class="required">required</span>` : nothing}</dt>
      <dd>${markdownView(description)} ${meanings === undefined ? nothing : markdownView(listIn(meanings))}</dd>
    </div>
    ${membersOf(document, inner, `${name}${type.items === undefined ? "." : "[]."}`)}`;
}

/** What it stands in is read already. */
function nameView(name: string): TemplateResult {
  const end = name.lastIndexOf(".") + 1;
  return end === 0 ? html`${name}` : html`<span class="within">${name.slice(0, end)}</span><wbr>${name.slice(end)}`;
}

function typeText({ type, enum: values, items, minItems, maxItems }: Schema): string {
  return values !== undefined
    ? "one of a few"
    : items !== undefined
      ? maxItems === undefined
        ? "a list"
        : `a list of ${minItems ?? 0} to ${maxItems}`
      : type === "object"
        ? "an object"
        : (type ?? "");
}

function lengthText({ minLength, maxLength, minimum, maximum }: Schema): string | undefined {
  if (maxLength !== undefined) {
    return `${minLength ?? 0} to ${maxLength} characters`;
  }
  return minimum === undefined ? undefined : `${minimum} to ${maximum}`;
}

function listIn(description: string): string {
  return description.slice(description.indexOf("\n\n- ") + 2);
}
