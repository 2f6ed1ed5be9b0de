import type { OperationModel } from "../../openapi/model/index.ts";
import { leavesOf } from "../consumers/watch.ts";
import { operationOf } from "../pacts/operation.ts";
import { rejects, ruleAt } from "../pacts/rules.ts";
import type { Expectation, PactInteraction, Rules } from "../pacts/types.ts";
import { membersOf, unusedFields } from "../pacts/unused.ts";
import type { Defect, Fault } from "./defect.ts";

/** At most so many defects of one kind in one reply, spread evenly over all places. */
const MOST = 2;

/** What one interaction asks of a reply or event. */
interface Asked {
  readonly consumer: string;
  readonly body: unknown;
  readonly rules: Rules | undefined;
  readonly headers: readonly string[];
}

/**
 * Provider defects by rule and not by choice: every kind, wherever a pact gives it a place, with the consumers whose
 * pacts ask for what it breaks; and removals of what nobody uses, which may break nobody. The same pacts give the same
 * defects.
 */
export function makeDefects(model: OperationModel, expectations: readonly Expectation[]): readonly Defect[] {
  const replies = Map.groupBy(expectations, ({ interaction }) => {
    const status = interaction.type === "Synchronous/HTTP" ? interaction.response.status : "";
    return `${operationOf(model, interaction)} ${status}`;
  });
  const found = [...replies]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, own]) => {
      const [operation = "", status = ""] = key.split(" ");
      const place = { operation, ...(status !== "" && { status: Number(status) }) };
      const asked = own.map(askedBy);
      const groups = status === "" ? messageFaults(asked) : replyFaults(asked, Number(status));
      return groups.flatMap((faults) =>
        spread(faults).map((fault) => ({ ...place, fault, breaks: whoBreaks(fault, asked) })),
      );
    });
  const harmless = unusedFields(model, expectations).flatMap(({ operation, fields }) => {
    const own = expectations.filter(({ interaction }) => operationOf(model, interaction) === operation);
    // What a cursor leads to is found by following it: without it the next page is never asked for.
    return own.length === 0
      ? []
      : spread(fields).map((pointer) => ({
          operation,
          fault: { kind: "drop-member", pointer } as const,
          breaks: [],
        }));
  });
  return [...found.filter(({ breaks }) => breaks.length > 0), ...harmless].map((defect, index) => ({
    id: `P${String(index + 1).padStart(3, "0")}`,
    ...defect,
  }));
}

function askedBy({ consumer, interaction }: Expectation): Asked {
  const http = interaction.type === "Synchronous/HTTP";
  return {
    consumer,
    body: http ? interaction.response.body?.content : interaction.contents.content,
    rules: rulesOf(interaction),
    headers: http
      ? Object.keys(interaction.response.headers ?? {})
          .map((name) => name.toLowerCase())
          .filter((name) => name !== "content-type")
      : [],
  };
}

const rulesOf = (interaction: PactInteraction): Rules | undefined =>
  interaction.type === "Synchronous/HTTP"
    ? interaction.response.matchingRules?.body
    : interaction.matchingRules?.body;

function replyFaults(asked: readonly Asked[], status: number): readonly (readonly Fault[])[] {
  const headers = [...new Set(asked.flatMap((one) => one.headers))];
  return [
    ...bodyFaults(asked),
    [{ kind: "change-status", to: status === 200 ? 206 : status < 300 ? 200 : 400 + ((status - 399) % 30) }],
    headers.map((header) => ({ kind: "lose-header", header }) as const),
  ];
}

function messageFaults(asked: readonly Asked[]): readonly (readonly Fault[])[] {
  return [...bodyFaults(asked), [{ kind: "false-signature" }]];
}

function bodyFaults(asked: readonly Asked[]): readonly (readonly Fault[])[] {
  const members = [...new Set(asked.flatMap(({ body }) => membersOf(body)))];
  const leaves = [...new Set(asked.flatMap(({ body }) => (body === undefined ? [] : leavesOf(body))))];
  const lists = members.filter((pointer) => leaves.some((leaf) => leaf.startsWith(`${pointer}/*`)));
  return [
    members.map((pointer) => ({ kind: "rename-member", pointer }) as const),
    leaves.filter((leaf) => leaf !== "").map((pointer) => ({ kind: "null-member", pointer }) as const),
    leaves.flatMap((pointer) => {
      const example = asked.map(({ body }) => valueAt(body, pointer)).find((value) => value !== undefined);
      const value = another(example);
      return value === undefined ? [] : [{ kind: "other-value", pointer, value } as const];
    }),
    lists.map((pointer) => ({ kind: "empty-list", pointer }) as const),
  ];
}

/** A value of another kind, or a word that nobody knows. */
function another(example: unknown): string | number | boolean | undefined {
  if (typeof example === "string") return "something else";
  if (typeof example === "number") return `${example}`;
  return typeof example === "boolean" ? !example : undefined;
}

function whoBreaks(fault: Fault, asked: readonly Asked[]): readonly string[] {
  const broken = asked.filter(({ body, rules, headers }) => {
    switch (fault.kind) {
      case "change-status":
      case "false-signature":
        return true;
      case "lose-header":
        return headers.includes(fault.header);
      case "other-value": {
        const example = valueAt(body, fault.pointer);
        return example !== undefined && rejects(ruleAt(rules, fault.pointer), example, fault.value);
      }
      default:
        return membersOf(body).includes(fault.pointer);
    }
  });
  return [...new Set(broken.map(({ consumer }) => consumer))].sort();
}

function valueAt(value: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce<unknown>(
      (at, step) =>
        typeof at === "object" && at !== null
          ? (at as Record<string, unknown>)[step === "*" ? "0" : step]
          : undefined,
      value,
    );
}

function spread<T>(all: readonly T[]): readonly T[] {
  if (all.length <= MOST) return all;
  return Array.from({ length: MOST }, (_, i) => all[Math.floor((i * all.length) / MOST)] as T);
}
