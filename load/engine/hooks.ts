/** Functions of a scenario's processor, by name. */
export type Functions = Readonly<Record<string, HookFunction>>;
// biome-ignore lint/suspicious/noExplicitAny: users' functions take what Artillery documents for each place
export type HookFunction = (...args: any[]) => unknown;

/** The user as Artillery's functions know it: they may write to `vars`. */
export interface Context {
  vars: Record<string, unknown>;
  readonly [more: string]: unknown;
}

/** Where functions may count something, as Artillery has it. */
export interface Events {
  // biome-ignore lint/suspicious/noExplicitAny: as Artillery's
  emit(name: string, ...args: any[]): unknown;
}

/**
 * Calls a function the way Artillery does: an async one is awaited, any other ends by its last argument. Resolves
 * to what it gave; rejects with the error it gave or threw.
 */
export function callHook(hook: HookFunction, ...args: readonly unknown[]): Promise<unknown> {
  if (hook.constructor.name === "AsyncFunction") return hook(...args) as Promise<unknown>;
  return new Promise((resolve, reject) => {
    hook(...args, (error: unknown, value: unknown) => {
      if (error instanceof Error) reject(error);
      else resolve(value ?? error);
    });
  });
}
