import type { Case, Tenant } from "../case.ts";
import { oneOfMany, type Subject, send } from "./subject.ts";

/** 404 for every id that the account does not have: unknown, of any shape, of another kind, another account's. */
export async function walkNotFound(c: Case, subject: Subject, stranger: Tenant): Promise<void> {
  const path = subject.call.path ?? {};
  const last = Object.keys(path).at(-1);
  const wrong = Object.entries(path).flatMap(([name, value]) => {
    const prefix = String(value).split("_")[0] ?? "";
    const shapes = [c.unknownId(prefix)];
    if (name === last)
      shapes.push(
        oneOfMany(c, ["1", `${prefix}_${"a".repeat(300)}`, "ü😀\u0000", `${value}a`, "nope"]),
        `${value}A`,
      );
    return shapes.map((shape) => ({ ...path, [name]: shape }));
  });
  await c.all(wrong, (shape) => c.refused(send(c, subject, 404, { path: shape }), "not-found", {}));
  if (wrong.length > 0) await c.refused(send(c, subject, 404, {}, stranger.api), "not-found", {});
}
