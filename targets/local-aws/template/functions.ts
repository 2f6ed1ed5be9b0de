import { existsSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { TemplateError } from "../errors.ts";
import type { FunctionModel } from "./model.ts";
import { properties, type Reader, type Resource } from "./resource.ts";
import type { Shape } from "./shape.ts";

/** A route a function asks for, before the API gives it an authorizer. */
export interface RouteEvent {
  readonly functionName: string;
  readonly qualifier: string | undefined;
  readonly shape: Shape;
}

const read = [
  "AutoPublishAlias",
  "CodeUri",
  "Description",
  "Environment",
  "Events",
  "FunctionName",
  "Handler",
  "MemorySize",
  "PackageType",
  "ReservedConcurrentExecutions",
  "Runtime",
  "Timeout",
];

const ignored = [
  "Architectures",
  "AutoPublishAliasAllProperties",
  "DeploymentPreference",
  "LoggingConfig",
  "Policies",
  "PropagateTags",
  "Role",
  "Tags",
  "Tracing",
  "VersionDescription",
];

/** Reads one `AWS::Serverless::Function` and the routes among its events. */
export function readFunction(
  resource: Resource,
  reader: Reader,
): { model: FunctionModel; events: RouteEvent[] } {
  const props = properties(resource, reader, read, ignored);
  if (props.has("PackageType") && props.text("PackageType") !== "Zip")
    throw props.fault("PackageType", "only Zip is supported on this machine");
  const runtime = props.text("Runtime");
  if (!runtime.startsWith("nodejs"))
    throw props.fault("Runtime", "only Node.js is supported on this machine");
  const environment = props.map("Environment");
  environment.allow(["Variables"]);
  const variables = Object.entries(environment.map("Variables").value).map(([key, value]) => [
    key,
    String(value),
  ]);
  const codeDir = resolvePath(reader.folder, props.text("CodeUri"));
  const handler = props.text("Handler");
  checkHandlerFile(codeDir, handler, props.path);
  const autoPublishAlias = props.has("AutoPublishAlias") ? props.text("AutoPublishAlias") : undefined;
  const model: FunctionModel = {
    id: resource.id,
    name: resource.name("FunctionName"),
    description: props.has("Description") ? props.text("Description") : "",
    runtime,
    handler,
    codeDir,
    memoryMb: props.number("MemorySize", 128),
    timeoutSeconds: props.number("Timeout", 3),
    environment: Object.fromEntries(variables),
    reservedConcurrency: props.has("ReservedConcurrentExecutions")
      ? props.number("ReservedConcurrentExecutions")
      : undefined,
    autoPublishAlias,
  };
  const events = props
    .map("Events")
    .entries()
    .map(([, event]) => {
      const type = event.text("Type");
      if (type !== "HttpApi") throw event.fault("Type", `${type} is not supported on this machine`);
      return { functionName: model.name, qualifier: autoPublishAlias, shape: event.map("Properties") };
    });
  return { model, events };
}

/** A missing build is by far the commonest mistake, and obscure when it shows as an import error per request. */
function checkHandlerFile(codeDir: string, handler: string, path: string): void {
  const module = handler.slice(0, handler.lastIndexOf("."));
  const candidates = ["", ".js", ".mjs", ".cjs"].map((extension) => resolvePath(codeDir, module + extension));
  if (!candidates.some((file) => existsSync(file)))
    throw new TemplateError(
      `${path}.CodeUri`,
      `no ${module}.{js,mjs,cjs} in ${codeDir}; are the functions built?`,
    );
}
