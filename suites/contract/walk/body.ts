import type { Case } from "../case.ts";
import { oneOfMany, passes, type Subject, send } from "./subject.ts";

/** The largest body there may be, bytes. */
export const LARGEST = 262_144;

/** JSON of any length: white space around `{}`. */
export function padded(bytes: number): Buffer {
  return Buffer.from(`{${" ".repeat(bytes - 2)}}`);
}

/** 413 above the largest body, and not at it; seen by what comes after it, the media type. */
export async function walkPayload(c: Case, subject: Subject): Promise<void> {
  const headers = { "content-type": "text/plain" };
  const large = (bytes: number) => ({ headers, body: padded(bytes) });
  await c.refused(send(c, subject, 413, large(LARGEST + 1)), "payload-too-large", {});
  await c.refused(send(c, subject, 415, large(LARGEST)), "unsupported-media-type", {});
}

/** 415 for every media type but the documented one, whose case and parameters do not matter. */
export async function walkMediaType(c: Case, subject: Subject): Promise<void> {
  const right = c.operation.requestBody?.media[0]?.type ?? "application/json";
  const both = ["application/json", "application/merge-patch+json"];
  const wrong = [
    undefined,
    oneOfMany(c, ["text/plain", "application/jsonx", "application/x-www-form-urlencoded", "application"]),
    ...both.filter((type) => type !== right),
  ];
  const body = Buffer.from(JSON.stringify(subject.call.body));
  await c.all(wrong, (type) =>
    c.refused(
      send(c, subject, 415, { body, headers: { "content-type": type } }),
      "unsupported-media-type",
      {},
    ),
  );
  const spelt = `${right.toUpperCase()} ; charset="UTF-8"`;
  await passes(c, subject, { headers: { "content-type": spelt } });
}

/** 400 for a body that is no JSON. */
export async function walkMalformed(c: Case, subject: Subject): Promise<void> {
  const whole = JSON.stringify(subject.call.body);
  const bodies = [
    ...["", oneOfMany(c, ["{", `${whole}}`, `${whole.slice(0, -1)},}`, "nope", "NaN"])].map((text) =>
      Buffer.from(text),
    ),
    // A lone continuation byte inside a string: no UTF-8.
    Buffer.concat([Buffer.from('{"name":"a'), Buffer.from([0x80]), Buffer.from('"}')]),
  ];
  await c.all(bodies, (body) => c.refused(send(c, subject, 400, { body }), "malformed-request", {}));
}
