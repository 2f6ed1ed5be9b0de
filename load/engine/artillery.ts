import { ORDERED } from "../protocol.ts";
import type { Payload } from "../scenario/payload.ts";
import { compileScenario } from "../scenario/read.ts";
import type { Json } from "../scenario/refuse.ts";
import type { Scenario } from "../scenario/types.ts";
import type { Context, Events, Functions } from "./hooks.ts";
import { carryOut } from "./ordered.ts";
import { VirtualUsers } from "./virtual-users.ts";

interface Script {
  readonly config: Json & {
    readonly processor?: Functions;
    readonly payload?: readonly Payload[] | null;
  };
  readonly scenarios?: readonly Json[];
}

type Done = (error: unknown, context: unknown) => void;
type VirtualUser = (context: Context, done: Done) => void;

/**
 * An Artillery engine with two modes. Ordered by Cutover, it drives: Artillery brings one virtual user, and that one
 * runs all users of the load by an absolute schedule, since Artillery's own arrivals spin a core, clump, and nobody
 * learns how late they were. In any other Artillery run it is an engine like `http`: each virtual user is one of
 * Artillery's.
 */
export class CutoverEngine {
  readonly #config: Script["config"];
  readonly #users: VirtualUsers | undefined;

  /** @throws UsageError for a scenario that asks for what this engine does not have: before any request */
  constructor(script: Script) {
    this.#config = script.config;
    if (process.env[ORDERED] === undefined) {
      this.#users = new VirtualUsers(script.config);
      for (const scenario of script.scenarios ?? []) {
        if ((scenario.engine ?? script.config.engine) === "cutover") this.#compile(scenario);
      }
    }
  }

  createScenario(spec: Json, events: Events): VirtualUser {
    const scenario = this.#compile(spec);
    if (this.#users !== undefined) return this.#users.of(scenario, events);
    const { processor = {}, payload } = this.#config;
    return (context, done) => {
      events.emit("started");
      carryOut(scenario, { functions: processor, payloads: payload ?? [], events }).then(
        () => done(undefined, context),
        (error: unknown) => {
          events.emit("error", (error as Error).message);
          done(error, context);
        },
      );
    };
  }

  #compile(spec: Json): Scenario {
    const { processor } = this.#config;
    const name = typeof spec.name === "string" ? spec.name : "scenario";
    const given = process.env[ORDERED] === undefined ? spec : withoutPlugins(spec);
    return compileScenario(
      given,
      this.#config,
      name,
      hasOwnFunctions(processor) ? Object.keys(processor) : undefined,
    );
  }
}

const byEndpoint = /^metricsByEndpoint_/;

/** Artillery always adds its own plugin's functions; a user's processor is what else there is. */
function hasOwnFunctions(processor: Functions | undefined): processor is Functions {
  return (
    processor !== undefined &&
    (process.env[ORDERED] === undefined || Object.keys(processor).some((name) => !byEndpoint.test(name)))
  );
}

/** In a drive nobody reads Artillery's own figures by endpoint, which cost more than the request. */
function withoutPlugins(spec: Json): Json {
  const own = ([name, value]: [string, unknown]): [string, unknown][] => {
    if (!Array.isArray(value) || name === "flow") return [[name, value]];
    const rest = value.filter((one) => typeof one !== "string" || !byEndpoint.test(one));
    return rest.length === 0 ? [] : [[name, rest]];
  };
  return Object.fromEntries(Object.entries(spec).flatMap(own));
}
