import { type Operation, type OperationModel, operationById } from "../../../openapi/model/index.ts";
import { CONTEXTS } from "../plan.ts";
import type { Convention, Defect, Fault } from "./fault.ts";
import { type Field, fieldsOf, successOf } from "./fields.ts";

/** At most so many defects of one convention in one context, spread evenly over all that were found. */
const MOST = 3;

/**
 * Every kind of defect wherever the documents give it a place, by rule and not by choice, so that nobody picks
 * the defects that the suite happens to find. The same documents give the same catalogue.
 */
export function makeCatalogue(model: OperationModel): readonly Defect[] {
  const found = Object.entries(CONTEXTS).flatMap(([context, ids]) => {
    const operations = ids.map((id) => operationById(model, id));
    return conventions.flatMap(([convention, faultsOf]) =>
      spread(
        operations.flatMap((operation) =>
          faultsOf(operation, model).map((fault) => ({
            context,
            convention,
            operation: operation.id,
            fault,
          })),
        ),
      ),
    );
  });
  return found.map((defect, index) => ({ id: `D${String(index + 1).padStart(3, "0")}`, ...defect }));
}

function spread<T>(all: readonly T[]): readonly T[] {
  if (all.length <= MOST) return all;
  return Array.from({ length: MOST }, (_, i) => all[Math.floor((i * all.length) / MOST)] as T);
}

type FaultsOf = (operation: Operation, model: OperationModel) => readonly Fault[];

const conventions: readonly (readonly [Convention, FaultsOf])[] = [
  ["property", propertyFaults],
  ["enum", (op, model) => otherValues(op, model, (field) => field.kind === "enum")],
  ["text", textFaults],
  ["header", headerFaults],
  ["status", statusFaults],
  ["money", moneyFaults],
  ["order", (op) => (isList(op) ? [{ kind: "reverse-items" }] : [])],
  [
    "page",
    (op) => (isList(op) ? [{ kind: "skip-last-item" }, { kind: "repeat-item" }, { kind: "end-early" }] : []),
  ],
  ["filter", filterFaults],
  ["idempotency", idempotencyFaults],
  ["tenancy", (op) => (op.path.includes("{") ? [{ kind: "foreign-access" }] : [])],
  [
    "authorization",
    (op) => (op.security.length === 0 ? [] : [{ kind: "ignore-missing-key" }, { kind: "ignore-scope" }]),
  ],
  ["etag", etagFaults],
  ["state", (op) => (has(op, "409") && op.method !== "DELETE" ? [{ kind: "allow-conflict" }] : [])],
  ["time", timeFaults],
  ["validation", validationFaults],
  ["problem", problemFaults],
  ["freshness", freshnessFaults],
];

const has = (operation: Operation, status: string): boolean =>
  operation.responses.some((response) => response.status === status);
const hasHeader = (operation: Operation, name: string): boolean =>
  successOf(operation)?.headers.some((header) => header.name === name) === true;
const takes = (operation: Operation, header: string): boolean =>
  operation.parameters.some(({ name, in: place }) => place === "header" && name.toLowerCase() === header);
const queryOf = (operation: Operation): readonly string[] =>
  operation.parameters.filter(({ in: place }) => place === "query").map(({ name }) => name);
const isList = (operation: Operation): boolean => queryOf(operation).includes("cursor");

function replyFields(operation: Operation, model: OperationModel): readonly Field[] {
  return fieldsOf(model, successOf(operation)?.media[0]?.schema);
}

function propertyFaults(operation: Operation, model: OperationModel): readonly Fault[] {
  const fields = replyFields(operation, model);
  const parents = [...new Set(fields.map(({ pointer }) => pointer.slice(0, pointer.lastIndexOf("/"))))];
  return [
    ...fields.map(({ pointer }) => ({ kind: "drop-property", pointer }) as const),
    ...fields.map(({ pointer }) => ({ kind: "null-property", pointer }) as const),
    ...parents.map((pointer) => ({ kind: "extra-property", pointer }) as const),
  ];
}

function otherValues(
  operation: Operation,
  model: OperationModel,
  wanted: (field: Field) => boolean,
): readonly Fault[] {
  return replyFields(operation, model)
    .filter(wanted)
    .flatMap(({ pointer, kind, values }) =>
      kind === "object" || kind === "list"
        ? []
        : [{ kind: "other-value", pointer, as: kind, ...(values && { values }) } as const],
    );
}

function textFaults(operation: Operation, model: OperationModel): readonly Fault[] {
  const values = otherValues(operation, model, ({ kind }) =>
    ["text", "id", "flag", "decimal", "count"].includes(kind),
  );
  return operation.requestBody === undefined ? values : [...values, { kind: "trim-strings" }];
}

function headerFaults(operation: Operation): readonly Fault[] {
  return operation.responses.flatMap((response) =>
    response.headers
      .filter((header) => header.required && header.name !== "content-type")
      .map((header) => ({ kind: "lose-header", header: header.name }) as const),
  );
}

/** What each status is most easily mistaken for. */
const mistaken: Readonly<Record<string, number>> = {
  200: 201,
  201: 200,
  202: 200,
  204: 200,
  400: 422,
  401: 403,
  403: 404,
  404: 403,
  409: 400,
  412: 409,
  413: 400,
  415: 400,
  422: 400,
  428: 412,
};

function statusFaults(operation: Operation): readonly Fault[] {
  return operation.responses.flatMap(({ status }) => {
    const to = mistaken[status];
    return to === undefined ? [] : [{ kind: "change-status", from: Number(status), to } as const];
  });
}

function moneyFaults(operation: Operation, model: OperationModel): readonly Fault[] {
  const wrong = otherValues(operation, model, ({ kind }) => kind === "money");
  const priced = wrong.some((fault) => fault.kind === "other-value" && fault.pointer.endsWith("taxAmount"));
  return priced && operation.method === "POST" ? [{ kind: "half-up" }, ...wrong] : wrong;
}

function filterFaults(operation: Operation): readonly Fault[] {
  return queryOf(operation)
    .filter((name) => name !== "cursor")
    .map((parameter) => ({ kind: "ignore-query", parameter }));
}

function idempotencyFaults(operation: Operation): readonly Fault[] {
  if (!takes(operation, "idempotency-key")) {
    return operation.method === "POST" && hasHeader(operation, "location") ? [{ kind: "double-effect" }] : [];
  }
  return [{ kind: "forget-idempotency-key" }, { kind: "replay-any-body" }, { kind: "lose-replay-marker" }];
}

function etagFaults(operation: Operation): readonly Fault[] {
  const guarded = takes(operation, "if-match")
    ? ([{ kind: "ignore-stale-etag" }, { kind: "ignore-missing-etag" }] as const)
    : [];
  const tagged = hasHeader(operation, "etag")
    ? ([{ kind: "constant-etag" }, { kind: "weak-etag" }, { kind: "fresh-etag" }] as const)
    : [];
  return [...guarded, ...tagged];
}

function timeFaults(operation: Operation, model: OperationModel): readonly Fault[] {
  const ranges = queryOf(operation).filter((name) => name === "from" || name === "to");
  return [
    ...ranges.map((parameter) => ({ kind: "shift-query-time", parameter, ms: 1 }) as const),
    ...otherValues(operation, model, ({ kind }) => kind === "time"),
  ];
}

function validationFaults(operation: Operation, model: OperationModel): readonly Fault[] {
  const body = operation.requestBody?.media[0]?.schema;
  if (body === undefined) return [];
  const fields = fieldsOf(model, body).filter(({ pointer }) => !pointer.includes("*"));
  return [
    ...fields.map(({ pointer }) => ({ kind: "allow-invalid", pointer }) as const),
    { kind: "allow-media-type" },
    ...(operation.method === "PATCH" ? [{ kind: "ignore-null" } as const] : []),
  ];
}

function problemFaults(operation: Operation): readonly Fault[] {
  const errors = operation.responses.filter(({ status }) => status.startsWith("4") && status !== "429");
  return [
    ...errors.map(({ status }) => ({ kind: "problem-type", status: Number(status) }) as const),
    ...(has(operation, "422")
      ? [{ kind: "problem-pointer" } as const, { kind: "first-error-only" } as const]
      : []),
    ...errors
      .slice(0, 1)
      .map(({ status }) => ({ kind: "problem-media-type", status: Number(status) }) as const),
  ];
}

function freshnessFaults(operation: Operation): readonly Fault[] {
  if (operation.method === "GET") return [{ kind: "stale-read" }, { kind: "frozen-read" }];
  return operation.method === "DELETE" ? [{ kind: "ignore-delete" }] : [];
}
