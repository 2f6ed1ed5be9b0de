import type { Case } from "../case.ts";
import { oneOfMany, pathOf, type Subject } from "./subject.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"];

/** 405 with `Allow` for every other method, 404 for paths that are not there; both before any key is looked at. */
export async function walkRoute(c: Case, subject: Subject): Promise<void> {
  const path = pathOf(c, subject);
  const siblings = c.model.operations.filter((operation) => operation.path === c.operation.path);
  const allowed = siblings.map((operation) => operation.method).sort();
  // Operations that share a path share the work.
  const mine = METHODS.filter((method) => !allowed.includes(method)).filter(
    (_, index) => siblings[index % siblings.length] === c.operation,
  );
  await c.all(mine, async (method, index) => {
    const api = index % 2 === 0 ? c.api : subject.tenant.api;
    const reply = api.raw(405, { method, path });
    await c.refused(reply, "method-not-allowed", {});
    await c.part(`${method} ${path}`, async () => {
      const { headers } = await reply;
      c.equal("header allow", headers.allow?.split(", ").sort(), allowed, await reply);
    });
  });
  const { method } = c.operation;
  const [below, deeper] = [`${path}/`, `${path}/nope/nope`];
  const [nowhere, api] = oneOfMany(c, [
    [below, subject.tenant.api] as const,
    [deeper, c.api] as const,
    [below, c.api] as const,
    [deeper, subject.tenant.api] as const,
  ]);
  await c.refused(api.raw(404, { method, path: nowhere }), "not-found", {});
}
