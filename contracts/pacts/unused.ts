import type { PactPlan } from "../../gates/evidence/index.ts";
import type { OperationModel } from "../../openapi/model/index.ts";
import { eventsOf } from "./events.ts";
import { fieldsOf } from "./fields.ts";
import { operationOf } from "./operation.ts";
import type { Expectation } from "./types.ts";

/**
 * Members of successful replies, and of events, that no consumer uses, by operation: what may be removed without
 * anybody here noticing. Operations that nobody calls are listed with all they answer.
 */
export function unusedFields(
  model: OperationModel,
  expectations: readonly Expectation[],
): PactPlan["unused"] {
  const used = Map.groupBy(expectations, ({ interaction }) => operationOf(model, interaction));
  const usedBy = (operation: string): ReadonlySet<string> =>
    new Set((used.get(operation) ?? []).flatMap(({ interaction }) => membersOf(bodyOf(interaction))));
  const replies = model.operations.map(
    ({ id, responses }) =>
      [
        id,
        responses
          .filter(({ status }) => status.startsWith("2"))
          .flatMap(({ media }) => fieldsOf(model, media[0]?.schema)),
      ] as const,
  );
  const events = [...eventsOf(model)].map(([event, schema]) => [event, fieldsOf(model, schema)] as const);
  return [...replies, ...events].flatMap(([operation, all]) => {
    const taken = usedBy(operation);
    const fields = [...new Set(all)].filter((field) => !taken.has(field));
    // What is in an unused member goes with it.
    const outermost = fields.filter((field) => !fields.some((other) => field.startsWith(`${other}/`)));
    return outermost.length === 0 ? [] : [{ operation, fields: outermost }];
  });
}

function bodyOf(interaction: Expectation["interaction"]): unknown {
  if (interaction.type === "Asynchronous/Messages") return interaction.contents.content;
  return interaction.response.status < 300 ? interaction.response.body?.content : undefined;
}

/** Every member of a value, containers too. */
export function membersOf(value: unknown, at = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Array.isArray(value)
    ? [...new Set(value.flatMap((item) => membersOf(item, `${at}/*`)))]
    : Object.entries(value).flatMap(([name, item]) => [`${at}/${name}`, ...membersOf(item, `${at}/${name}`)]);
}
