import type { Case } from "../case.ts";
import { oneOfMany, type Subject, send } from "./subject.ts";

/** 401 without a known key, whatever is wrong with it. */
export async function walkUnauthorized(c: Case, subject: Subject): Promise<void> {
  const { key } = subject.tenant;
  const other = key.endsWith("A") ? "B" : "A";
  // Without any it is asked where the order of checks is.
  const bad = [
    `Bearer ${key.slice(0, -1)}${other}`,
    oneOfMany(c, [
      "Bearer",
      key,
      `Basic ${Buffer.from(`${key}:`).toString("base64")}`,
      `Bearer ${c.unknownId("ck")}AAAAAAAAAAAA`,
    ]),
  ];
  await c.all(bad, (authorization) =>
    c.refused(send(c, subject, 401, { headers: { authorization } }), "unauthorized", {}),
  );
}
