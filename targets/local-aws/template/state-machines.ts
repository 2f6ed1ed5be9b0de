import { readFileSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { TemplateError } from "../errors.ts";
import type { StateMachineModel } from "./model.ts";
import { properties, type Reader, type Resource } from "./resource.ts";
import { Shape } from "./shape.ts";
import { parseTemplate } from "./yaml.ts";

const read = ["Definition", "DefinitionSubstitutions", "DefinitionUri", "Name", "Type"];
const ignored = ["Logging", "Policies", "PropagateTags", "Role", "Tags", "Tracing"];

/** Reads one `AWS::Serverless::StateMachine` with its substitutions made. */
export function readStateMachine(resource: Resource, reader: Reader): StateMachineModel {
  const props = properties(resource, reader, read, ignored);
  if (props.has("Type") && props.text("Type") !== "STANDARD")
    throw props.fault("Type", "only STANDARD is supported on this machine");
  const values = props.map("DefinitionSubstitutions").value;
  const definition = props.has("DefinitionUri")
    ? readDefinition(resolvePath(reader.folder, props.text("DefinitionUri")), props)
    : props.value.Definition;
  const filled = new Shape(
    substitute(definition, values, `${props.path}.Definition`),
    `${props.path}.Definition`,
  );
  return { id: resource.id, name: resource.name("Name"), definition: filled.value };
}

function readDefinition(file: string, props: Shape): unknown {
  try {
    return parseTemplate(readFileSync(file, "utf8"), file);
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    throw props.fault("DefinitionUri", `cannot be read: ${file}`);
  }
}

/** Replaces `${Name}` in every text. A text that is nothing but one placeholder keeps the value's own type. */
function substitute(value: unknown, values: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Array.isArray(value)) return value.map((item, i) => substitute(item, values, `${path}[${i}]`));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, substitute(member, values, `${path}.${key}`)]),
    );
  if (typeof value !== "string") return value;
  const find = (name: string): unknown => {
    if (!(name in values)) throw new TemplateError(path, `\${${name}} has no substitution`);
    return values[name];
  };
  const whole = /^\$\{([A-Za-z0-9_]+)\}$/.exec(value)?.[1];
  if (whole !== undefined) return find(whole);
  return value.replace(/\$\{([A-Za-z0-9_]+)\}/g, (_all, name: string) => String(find(name)));
}
