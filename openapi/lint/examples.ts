import { validatorOf } from "../conformance/index.ts";
import type { Example, LocatedSchema, Operation, OperationModel } from "../model/index.ts";
import type { LintFinding } from "./finding.ts";

/** Every request body and every 2xx and 4xx reply with content has a schema, and examples that it accepts. */
export function exampleFindings(model: OperationModel): readonly LintFinding[] {
  return model.operations.flatMap((operation) => [
    ...(operation.requestBody?.media ?? []).flatMap((media) =>
      contentFindings(model, operation, `request ${media.type}`, media),
    ),
    ...operation.responses
      .filter((response) => /^[24]/.test(response.status))
      .flatMap((response) =>
        response.media.flatMap((media) =>
          contentFindings(model, operation, `${response.status} ${media.type}`, media),
        ),
      ),
    ...operation.responses.flatMap((response) =>
      response.headers.flatMap(({ name, schema, examples }) =>
        schema === undefined
          ? []
          : invalid(model, operation, `${response.status} header ${name}`, schema, examples),
      ),
    ),
    ...operation.parameters.flatMap((parameter) =>
      parameter.schema === undefined
        ? []
        : invalid(model, operation, `parameter ${parameter.name}`, parameter.schema, parameter.examples),
    ),
  ]);
}

interface Content {
  readonly schema: LocatedSchema | undefined;
  readonly examples: readonly Example[];
}

function contentFindings(
  model: OperationModel,
  operation: Operation,
  what: string,
  { schema, examples }: Content,
): readonly LintFinding[] {
  const where = `${operation.file}#${operation.pointer}`;
  if (schema === undefined)
    return [{ rule: "schema", where, message: `${operation.id}: ${what} has no schema` }];
  if (examples.length === 0)
    return [{ rule: "example", where, message: `${operation.id}: ${what} has no example` }];
  return invalid(model, operation, what, schema, examples);
}

function invalid(
  model: OperationModel,
  operation: Operation,
  what: string,
  schema: LocatedSchema,
  examples: readonly Example[],
): readonly LintFinding[] {
  const validate = validatorOf(model, schema);
  return examples.flatMap(({ name, value }) =>
    validate(value).map((breach) => ({
      rule: "example-valid",
      where: `${operation.file}#${operation.pointer}`,
      message: `${operation.id}: ${what}, example ${name}, ${breach.pointer || "the whole"}: wanted ${breach.wanted}, got ${JSON.stringify(breach.got)}`,
    })),
  );
}
