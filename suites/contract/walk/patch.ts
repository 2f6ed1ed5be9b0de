import type { LooseCall } from "../../../openapi/client/index.ts";
import type { Answer, Api, Case } from "../case.ts";
import { isRecord, notBefore } from "../lib/match.ts";

/** A resource that JSON Merge Patch changes. */
export interface Patchable {
  readonly api: Api;
  readonly path: NonNullable<LooseCall["path"]>;
  /** Its GET. */
  readonly get: () => Promise<Answer>;
  /** Patches, applied one after the other. */
  readonly steps: readonly PatchStep[];
}

export interface PatchStep {
  readonly patch: Readonly<Record<string, unknown>>;
  /** Members of the resource after the patch; `undefined`: gone. Left out: nothing changes at all. */
  readonly changes?: Readonly<Record<string, unknown>>;
}

/**
 * After each patch: exactly the stated members differ, `updatedAt` has not gone back, the ETag is another one,
 * and a read shows the same. A patch that changes nothing keeps ETag and `updatedAt`. The tag from before the first
 * change is refused after it.
 */
export async function walkPatch(c: Case, what: Patchable): Promise<void> {
  let current = await what.get();
  const firstChange = what.steps.find(({ changes }) => changes !== undefined)?.patch;
  for (const { patch, changes } of what.steps)
    await c.part(JSON.stringify(patch), async () => {
      const etag = current.headers.etag ?? "";
      const before = current.body as Record<string, unknown>;
      const send = (tag: string, status: number) =>
        what.api.send(status, c.operation.id, { path: what.path, headers: { "If-Match": tag }, body: patch });
      const reply = await send(etag, 200);
      const wanted =
        changes === undefined
          ? before
          : { ...before, ...changes, updatedAt: notBefore(String(before.updatedAt)) };
      c.body(reply, wanted);
      c.equal("ETag changed", reply.headers.etag !== etag, changes !== undefined, reply);
      current = await what.get();
      c.equal("read back", current.body, reply.body, current);
      c.equal("ETag read back", current.headers.etag, reply.headers.etag, current);
      if (patch === firstChange) await c.refused(send(etag, 412), "precondition-failed", {});
    });
}

/** RFC 7396: what a patch makes of a value. For expected values that are long. */
export function merged(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch))
    if (value === null) delete result[name];
    else result[name] = merged(result[name], value);
  return result;
}
