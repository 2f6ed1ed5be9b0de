import type { Case } from "../case.ts";
import { pathOf, type Subject } from "./subject.ts";

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
  const nowhere = [`${path}/`, `${path}/nope/nope`];
  await c.all(nowhere, (wrong, index) => {
    const api = index % 2 === 0 ? subject.tenant.api : c.api;
    return c.refused(api.raw(404, { method, path: wrong }), "not-found", {});
  });
}
