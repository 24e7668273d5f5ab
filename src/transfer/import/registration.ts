/** From the text of a record to a registration that the server would take, by its own constraints. */
import { create } from "@bufbuild/protobuf";
import { AllowMessages } from "../../client/index.ts";
import { RegisterAppInstanceUserEndpointRequestSchema } from "../../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { violated } from "../../worker/transport/messages/constraints.ts";
import { readExported } from "./formats/export.ts";
import { readPinpoint } from "./formats/pinpoint.ts";
import { readSns } from "./formats/sns.ts";
import { failed, type Read, type Registration } from "./read.ts";
import type { Mapping } from "./settings.ts";
import type { SourceRecord } from "./source-record.ts";

export function readRecord({ text }: SourceRecord, mapping: Mapping, now: number): Read {
  if (text === undefined) {
    return failed("it is longer than any endpoint");
  }
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    // The parser's own words repeat what it read.
    return failed("it is no JSON");
  }
  const read = readAs(record, mapping);
  const violation = read.kind === "register" && violationIn(read.registration, now);
  return violation ? failed(violation) : read;
}

function readAs(record: unknown, mapping: Mapping): Read {
  switch (mapping.format) {
    case "export":
      return readExported(record, mapping);
    case "pinpoint":
      return readPinpoint(record, mapping);
    case "sns":
      return readSns(record, mapping);
  }
}

/** That messages are allowed is not said, because it is so anyway: an endpoint that its user has muted there stays so. */
export function requestOf({ isMuted, ...registration }: Registration) {
  return { ...registration, ...(isMuted && { allowMessages: AllowMessages.NONE }) };
}

function violationIn(registration: Registration, now: number): string | undefined {
  const message = create(RegisterAppInstanceUserEndpointRequestSchema, requestOf(registration));
  const broken = violated(RegisterAppInstanceUserEndpointRequestSchema, message, now)?.violations[0];
  return broken && `${broken.path.map(({ member }) => member.localName).join(".")}: ${broken.message}`;
}
