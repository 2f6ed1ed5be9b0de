import { UsageError } from "../../gates/exit.ts";
import type { Operation, OperationModel, Parameter } from "../../openapi/model/index.ts";

/**
 * A scenario for documents of which nothing else is known: every GET once, with the examples that the document
 * gives for its parameters. Any documented reply below 500 that conforms is right, so it needs no data and no key
 * (a 401 is documented too), and it changes nothing.
 * @returns an Artillery script
 * @throws UsageError when the documents hold no operation that can be asked like this
 */
export function smokeScript(model: OperationModel): unknown {
  const steps = model.operations.flatMap((operation) => {
    const step = operation.method === "GET" ? stepFor(operation) : undefined;
    return step === undefined ? [] : [step];
  });
  if (steps.length === 0) {
    throw new UsageError({
      what: "These documents hold nothing that a smoke load could ask.",
      where: "load.scenario: smoke",
      got: `${model.operations.length} operations`,
      wanted: "a GET with a documented reply below 500, and examples for the parameters it requires",
    });
  }
  return {
    config: { engines: { cutover: {} } },
    scenarios: [{ name: "smoke", engine: "cutover", flow: steps }],
  };
}

function stepFor(operation: Operation): unknown {
  const statuses = operation.responses
    .map(({ status }) => Number(status))
    // Of 429 the scenario must not say that it is right: it is a throttle.
    .filter((status) => status >= 200 && status < 500 && status !== 429);
  const needed = operation.parameters.filter(({ required, in: place }) => required || place === "path");
  const given = new Map(needed.map((parameter) => [parameter, exampleOf(parameter)]));
  if (statuses.length === 0 || [...given.values()].includes(undefined)) return undefined;
  const those = (place: Parameter["in"]): [string, string][] =>
    [...given].flatMap(([parameter, value]) =>
      parameter.in === place ? [[parameter.name, String(value)]] : [],
    );
  const url = those("path").reduce(
    (path, [name, value]) => path.replace(`{${name}}`, encodeURIComponent(value)),
    operation.path,
  );
  const query = those("query");
  const headers = those("header");
  return {
    get: {
      name: operation.id,
      url,
      ...(query.length > 0 && { qs: Object.fromEntries(query) }),
      ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
      expect: { statusCode: statuses },
    },
  };
}

/** A value that the document gives for a parameter; for a path, one that stands for "no such thing". */
function exampleOf({ in: place, examples, schema }: Parameter): unknown {
  const [example] = examples;
  if (example !== undefined && !String(example.value).includes("{{")) return example.value;
  if (typeof schema?.value === "object") {
    const { default: fallback, enum: one, type } = schema.value as Readonly<Record<string, unknown>>;
    if (fallback !== undefined) return fallback;
    if (Array.isArray(one)) return one[0];
    if (type === "integer" || type === "number") return 1;
  }
  return place === "path" ? "cutover-smoke" : undefined;
}
