import { loadSpecs } from "../../openapi/model/index.ts";
import { SortKeys } from "./compare/sort-keys.ts";
import { endpointOf } from "./engine/endpoints.ts";
import { Sequence } from "./engine/sequence.ts";
import { Side } from "./engine/side.ts";
import type { Step } from "./engine/step.ts";
import { idMap } from "./model/ids.ts";
import type { Difference } from "./result.ts";
import type { Account, UserFile } from "./user-file.ts";

export interface Again {
  readonly specs: readonly string[];
  readonly userFile: UserFile;
  readonly baseline: string;
  readonly candidate: string;
}

/** One account on a target, as the user file opens it. */
export async function accountFor(
  target: { readonly name: string; readonly url: string; readonly role: "baseline" | "candidate" },
  userFile: UserFile,
): Promise<Account> {
  const endpoint = endpointOf(
    { ...target, disposable: true },
    target.role,
    undefined,
    new AbortController().signal,
  );
  try {
    const side = new Side(endpoint, userFile);
    await side.open();
    return side.owner;
  } finally {
    await endpoint.http.close();
  }
}

/** Runs the steps of a finding once more, on fresh accounts, and tells where the two systems differ. */
export async function differencesOf(
  steps: readonly Step[],
  { specs, userFile, baseline, candidate }: Again,
): Promise<readonly Difference[]> {
  const model = loadSpecs(specs);
  const { signal } = new AbortController();
  const on = (url: string, role: "baseline" | "candidate") =>
    endpointOf({ name: role, url, disposable: true }, role, undefined, signal);
  const env = {
    model,
    ids: idMap(model),
    userFile,
    baseline: on(baseline, "baseline"),
    candidate: on(candidate, "candidate"),
    operations: model.operations,
    sortKeys: new SortKeys(),
    settleMs: userFile.settleMs ?? 20_000,
    signal,
  };
  try {
    const sequence = new Sequence(env);
    await sequence.open();
    const ran = await sequence.run(steps);
    return ran.flatMap(({ comparison }) => comparison.differences);
  } finally {
    await Promise.all([env.baseline.http.close(), env.candidate.http.close()]);
  }
}
