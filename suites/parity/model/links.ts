import type { Operation, OperationModel } from "../../../openapi/model/index.ts";
import { isRecord } from "../../../openapi/mutate/pin.ts";

/** A documented way of a value from one operation's reply into another one's request (OpenAPI 3.1, 4.8.20). */
export interface ValueLink {
  readonly from: string;
  readonly to: string;
  /** Into the reply's body. */
  readonly pointer: string;
  /** The parameter that takes it, or "" for a body. */
  readonly parameter: string;
  /** The pointer into the request body that takes it. */
  readonly body: string | undefined;
}

/** The links whose values come from a reply's body. */
export function linksOf(model: OperationModel): readonly ValueLink[] {
  return model.operations.flatMap((operation) =>
    operation.responses.flatMap((response) =>
      response.links.flatMap((link) => {
        const to = link.operationId ?? targetOf(model, operation, link.operationRef);
        if (to === undefined) return [];
        const parameters = Object.entries(link.parameters).flatMap(([name, expression]) => {
          const pointer = bodyPointer(expression);
          const parameter = name.replace(/^(path|query|header)\./, "");
          return pointer === undefined
            ? []
            : [{ from: operation.id, to, pointer, parameter, body: undefined }];
        });
        return [
          ...parameters,
          ...bodyLinks(link.requestBody, "").map((part) => ({
            from: operation.id,
            to,
            parameter: "",
            ...part,
          })),
        ];
      }),
    ),
  );
}

function bodyPointer(expression: unknown): string | undefined {
  if (typeof expression !== "string") return undefined;
  return /^\{?\$response\.body#(\/[^}]*)\}?$/.exec(expression)?.[1];
}

function bodyLinks(
  value: unknown,
  at: string,
): readonly { readonly pointer: string; readonly body: string }[] {
  const pointer = bodyPointer(value);
  if (pointer !== undefined) return [{ pointer, body: at }];
  return isRecord(value)
    ? Object.entries(value).flatMap(([name, member]) => bodyLinks(member, `${at}/${name}`))
    : [];
}

/** `payments.yaml#/paths/~1payments/get`, relative to the document of the link. */
function targetOf(model: OperationModel, from: Operation, ref: string | undefined): string | undefined {
  if (ref === undefined) return undefined;
  const [file = "", pointer = ""] = ref.split("#");
  const base = file === "" ? from.file : (file.split("/").at(-1) ?? "");
  const wanted = decodeURIComponent(pointer);
  return model.operations.find((operation) => {
    const path = operation.path.replaceAll("~", "~0").replaceAll("/", "~1");
    return (
      (file === "" ? operation.file === base : operation.file.endsWith(`/${base}`)) &&
      wanted === `/paths/${path}/${operation.method.toLowerCase()}`
    );
  })?.id;
}
