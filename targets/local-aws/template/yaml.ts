import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import { TemplateError } from "../errors.ts";

const shortForms = new Set(
  "And Base64 Cidr Condition Equals FindInMap GetAtt GetAZs If ImportValue Join Not Or Ref Select Split Sub Transform".split(
    " ",
  ),
);

/** `!Name value` means `{"Fn::Name": value}`; the two oldest have no prefix. */
function longForm(tag: string, value: unknown): unknown {
  const name = tag.slice(1);
  if (!shortForms.has(name)) throw new TemplateError(tag, "not a CloudFormation function");
  if (name === "Ref" || name === "Condition") return { [name]: value };
  // The short form of GetAtt is one string: logical id, dot, attribute (which may have dots itself).
  if (name === "GetAtt" && typeof value === "string") {
    const dot = value.indexOf(".");
    return { "Fn::GetAtt": dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)] };
  }
  return { [`Fn::${name}`]: value };
}

function plain(node: unknown, document: Document): unknown {
  if (isAlias(node)) return plain(node.resolve(document), document);
  if (!isScalar(node) && !isSeq(node) && !isMap(node)) return null;
  let value: unknown;
  if (isScalar(node)) value = node.value;
  else if (isSeq(node)) value = node.items.map((item) => plain(item, document));
  else value = Object.fromEntries(node.items.map((pair) => [keyOf(pair.key), plain(pair.value, document)]));
  const tag = (node as Node & { tag?: string }).tag;
  return tag?.startsWith("!") ? longForm(tag, value) : value;
}

const keyOf = (key: unknown): string => String(isScalar(key) ? key.value : key);

/** Parses a CloudFormation document (YAML or JSON); short function tags become their long form. */
export function parseTemplate(text: string, file: string): Record<string, unknown> {
  // Tags are read from the syntax tree: the library would warn of each one it does not know.
  const document = parseDocument(text, { logLevel: "silent" });
  const problem = document.errors[0];
  if (problem) throw new TemplateError(file, problem.message);
  const root = plain(document.contents, document);
  if (typeof root !== "object" || root === null) throw new TemplateError(file, "is not a map");
  return root as Record<string, unknown>;
}
