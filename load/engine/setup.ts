import { CutoverError, EXIT } from "../../gates/exit.ts";
import type { Variables } from "../scenario/template.ts";
import type { Connections } from "./connections.ts";
import type { DriveOptions } from "./drive.ts";
import { type Exchange, exchange } from "./exchange.ts";
import type { Functions } from "./hooks.ts";
import { judgeReply } from "./judge-reply.ts";
import { User } from "./user.ts";

interface SetupOptions extends DriveOptions {
  readonly connections: Connections;
  readonly functions: Functions;
  readonly index: number;
  readonly given: (user: number) => Variables;
}

/** So many worlds are made at a time. */
const LANES = 4;

/**
 * Makes what a scenario needs on its target before the clock starts: its requests are no part of the load and leave
 * no records. Every worker makes worlds of its own.
 * @returns the variables of each world
 * @throws CutoverError (exit 2) when a request of it fails: then nothing can be told about the load
 */
export async function makeWorlds(options: SetupOptions): Promise<readonly Variables[]> {
  const { scenario, index } = options;
  const { setup } = scenario;
  if (setup === undefined) return [];
  const worlds: Variables[] = [];
  const numbers = Array.from({ length: setup.times }, (_, world) => world).values();
  const lane = async (): Promise<void> => {
    for (const world of numbers) {
      const vars: Variables = { ...options.given(world), world: `${index}-${world}` };
      await walkSetup(options, vars);
      const { user: _, ...made } = vars;
      worlds[world] = made;
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, setup.times) }, lane));
  return worlds;
}

async function walkSetup(options: SetupOptions, vars: Variables): Promise<void> {
  const { scenario, model, target, timeoutMs, signal, connections, functions, events } = options;
  const base = new URL(target.url);
  const prefix = base.pathname.replace(/\/$/, "");
  const clock = (): number => performance.now();
  let wrong = "";
  const user = new User(
    scenario,
    0,
    { vars },
    {
      clock,
      over: signal,
      target: target.url.replace(/\/$/, ""),
      functions,
      events: events ?? { emit: () => undefined },
      send(ask) {
        if (signal.aborted) return undefined;
        const headers = { ...target.headers, ...ask.headers };
        return new Promise<Exchange>((resolve) =>
          exchange(connections, { ...ask, path: prefix + ask.path, headers }, timeoutMs, clock, resolve),
        );
      },
      judge: (step, variables, got, pending) => judgeReply(model, step, variables, got, pending),
      record(step, _, __, got, { outcome }) {
        if (outcome !== "ok") wrong = `${step.endpoint}: ${outcome} (${got.reply})`;
      },
    },
  );
  const done = await user.walk(scenario.setup?.flow ?? [], clock());
  if (done !== undefined) return;
  if (signal.aborted) throw new CutoverError(EXIT.interrupted, { what: "The load was called off." });
  throw new CutoverError(EXIT.unknown, {
    what: "What the load needs could not be made on the target, so no load was sent.",
    where: `${scenario.file}, setup, on ${target.name}`,
    got: wrong,
    next: "npm run contracts tells whether the target keeps its promises.",
  });
}
