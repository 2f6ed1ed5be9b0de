import { isUtf8 } from "node:buffer";
import type { Media, OperationModel } from "../model/index.ts";
import { isJson } from "./content-type.ts";
import { type FindingParts, show } from "./finding.ts";
import { jsonTraps } from "./json.ts";
import { type Validator, validatorOf } from "./schema.ts";

export interface BodyToCheck {
  readonly text: string;
  readonly bytes?: Uint8Array;
}

export type BodyCheck = (body: BodyToCheck) => readonly FindingParts[];

/** Holds a body to its media type: UTF-8, JSON without traps, and the schema (JSON Schema 2020-12). */
export function bodyCheck(model: OperationModel, media: Media): BodyCheck {
  const validate: Validator = media.schema === undefined ? () => [] : validatorOf(model, media.schema);
  const json = isJson(media.type);
  return ({ text, bytes }) => {
    if (!json) return validate(text).map(bodyFinding);
    if (bytes !== undefined && !isUtf8(bytes))
      return [{ kind: "json", pointer: "", got: "bytes that are no UTF-8", wanted: "UTF-8" }];
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      const got = text === "" ? "an empty body" : show(text);
      return [{ kind: "json", pointer: "", got, wanted: "JSON" }];
    }
    const traps = jsonTraps(text).map((trap): FindingParts => ({ kind: "json", ...trap }));
    return [...traps, ...distinct(validate(value).map(bodyFinding))];
  };
}

/** For a response that documents no content, 204 above all (RFC 9110, 15.3.5). */
export function checkEmpty(text: string): readonly FindingParts[] {
  return text === "" ? [] : [{ kind: "not-empty", pointer: "", got: show(text), wanted: "an empty body" }];
}

function bodyFinding(breach: ReturnType<Validator>[number]): FindingParts {
  return { kind: "body", pointer: breach.pointer, got: show(breach.got), wanted: breach.wanted };
}

/** The branches of a `oneOf` tend to say the same twice. */
function distinct(findings: readonly FindingParts[]): readonly FindingParts[] {
  const seen = new Map(findings.map((found) => [`${found.pointer} ${found.wanted}`, found]));
  return [...seen.values()];
}
