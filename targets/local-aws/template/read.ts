import { readFileSync } from "node:fs";
import { dirname, resolve as resolvePath } from "node:path";
import { LocalAwsUnavailable, TemplateError } from "../errors.ts";
import { ACCOUNT_ID, functionArn, REGION } from "../identity.ts";
import { readFunction } from "./functions.ts";
import { readHttpApi } from "./http-api.ts";
import { holds, resolve, type Scope } from "./intrinsics.ts";
import type { HttpApiModel, TemplateModel } from "./model.ts";
import { attributeOf, nameOf, referenceTo } from "./names.ts";
import { mergeGlobals, type Resource } from "./resource.ts";
import { Shape } from "./shape.ts";
import { readStateMachine } from "./state-machines.ts";
import { readTable } from "./tables.ts";
import { parseTemplate } from "./yaml.ts";

export interface ReadTemplateOptions {
  /** Values for `Parameters`, over their defaults. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Present on AWS, without effect here: nothing is authorised, logged or alarmed on this machine. */
const withoutEffect = new Set([
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::Policy",
  "AWS::IAM::Role",
  "AWS::Lambda::Permission",
  "AWS::Logs::LogGroup",
]);

/**
 * Reads a SAM template into what is to be built. Fails with a {@link TemplateError} that names the place when
 * anything cannot be resolved, or asks for something that is neither emulated nor known to be harmless.
 */
export function readTemplate(templatePath: string, options: ReadTemplateOptions = {}): TemplateModel {
  const file = resolvePath(templatePath);
  const root = new Shape(parseTemplate(readText(file), file), "template");
  const resources = new Map(root.map("Resources").entries());
  const types = new Map([...resources].map(([id, shape]) => [id, shape.text("Type")]));
  const properties = new Map([...resources].map(([id, shape]) => [id, shape.map("Properties").value]));
  const scope: Scope = {
    parameters: { ...pseudoParameters, ...readParameters(root.map("Parameters"), options.parameters ?? {}) },
    mappings: root.map("Mappings").value,
    conditions: root.map("Conditions").value,
    ref: (id) => publishedAlias(id) ?? referenceTo(id, types.get(id), (key) => name(id, key)),
    attribute: (id, attribute) => attributeOf(id, types.get(id), attribute, (key) => name(id, key)),
  };
  const name = (id: string, key: string): string =>
    nameOf(id, key, resolve(properties.get(id)?.[key], scope, `template.Resources.${id}.Properties.${key}`));

  /** `Ref` of `Function.Alias` is SAM's name for the alias it publishes. */
  const publishedAlias = (reference: string): string | undefined => {
    const id = reference.endsWith(".Alias") ? reference.slice(0, -".Alias".length) : undefined;
    if (id === undefined || types.get(id) !== "AWS::Serverless::Function") return undefined;
    return functionArn(name(id, "FunctionName"), name(id, "AutoPublishAlias"));
  };
  const notEmulated: string[] = [];
  const present: Resource[] = [];
  for (const [id, shape] of resources) {
    if (shape.has("Condition") && !holds(shape.text("Condition"), scope, `${shape.path}.Condition`)) continue;
    const type = types.get(id) ?? "";
    if (withoutEffect.has(type)) notEmulated.push(`${shape.path} (${type})`);
    else
      present.push({
        id,
        type,
        path: shape.path,
        raw: shape.map("Properties"),
        name: (key) => name(id, key),
      });
  }
  const globals = root.map("Globals");
  globals.allow(["Function", "HttpApi"]);
  const of = (type: string): Resource[] => present.filter((r) => r.type === type);
  for (const { type, path } of present)
    if (!supported.has(type)) throw new TemplateError(path, `${type} is not supported on this machine`);

  const reader = { scope, folder: dirname(file), notEmulated };
  const functions = of("AWS::Serverless::Function").map((r) =>
    readFunction(mergeGlobals(r, globals.map("Function")), reader),
  );
  const apis = of("AWS::Serverless::HttpApi");
  if (apis.length > 1) throw new TemplateError("template.Resources", "more than one HTTP API");
  return {
    functions: functions.map((f) => f.model),
    tables: of("AWS::DynamoDB::Table").map((r) => readTable(r, reader)),
    api: readApi(apis[0], globals, functions, reader),
    stateMachines: of("AWS::Serverless::StateMachine").map((r) => readStateMachine(r, reader)),
    notEmulated,
  };
}

const supported = new Set([
  "AWS::DynamoDB::Table",
  "AWS::Serverless::Function",
  "AWS::Serverless::HttpApi",
  "AWS::Serverless::StateMachine",
]);

const pseudoParameters: Readonly<Record<string, unknown>> = {
  "AWS::AccountId": ACCOUNT_ID,
  "AWS::Partition": "aws",
  "AWS::Region": REGION,
  "AWS::StackName": "local",
  "AWS::StackId": `arn:aws:cloudformation:${REGION}:${ACCOUNT_ID}:stack/local/1`,
  "AWS::URLSuffix": "amazonaws.com",
  "AWS::NotificationARNs": [],
};

function readParameters(shape: Shape, given: Readonly<Record<string, string>>): Record<string, unknown> {
  for (const key of Object.keys(given)) if (!shape.has(key)) throw shape.fault(key, "no such parameter");
  return Object.fromEntries(
    shape.entries().map(([key, parameter]) => {
      const value = given[key] ?? parameter.value.Default;
      if (value === undefined)
        throw new TemplateError(parameter.path, "has no default and no value was given");
      const allowed = parameter.list("AllowedValues");
      if (allowed.length > 0 && !allowed.map(String).includes(String(value)))
        throw new TemplateError(parameter.path, `"${String(value)}" is not an allowed value`);
      const many = ["CommaDelimitedList", "List<Number>"].includes(String(parameter.value.Type));
      return [key, many ? String(value).split(",") : value];
    }),
  );
}

function readApi(
  api: Resource | undefined,
  globals: Shape,
  functions: readonly ReturnType<typeof readFunction>[],
  reader: Parameters<typeof readHttpApi>[2],
): HttpApiModel | undefined {
  const events = functions.flatMap((f) => f.events);
  if (api === undefined && events.length === 0) return undefined;
  if (api === undefined)
    throw new TemplateError("template.Resources", "routes need an AWS::Serverless::HttpApi");
  return readHttpApi(mergeGlobals(api, globals.map("HttpApi")), events, reader);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "UNKNOWN";
    throw new LocalAwsUnavailable(`the template cannot be read: ${file}: ${code}`, code);
  }
}
