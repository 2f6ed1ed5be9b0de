import type { OperationModel } from "../../../openapi/model/index.ts";
import { operationById } from "../../../openapi/model/index.ts";
import type { Step } from "../engine/step.ts";
import { isSymbolic, NONCE, type Symbolic, type Template } from "../generate/template.ts";
import type { Finding } from "../result.ts";

/**
 * A finding as a shell script: the same requests with curl, once to each side, each with the ids that side issued.
 * Credentials come from the environment; the head of the script says how.
 */
export function shellScript(
  model: OperationModel,
  finding: Finding,
  urls: { readonly baseline: string; readonly candidate: string },
): string {
  const steps = finding.template.map((step) => request(model, step)).join("\n");
  return `#!/usr/bin/env bash
# ${finding.title.replace(/\s+/g, " ")}
# Class: ${finding.class}. Shown again on fresh accounts ${finding.confirmed} of ${finding.tries} times.
# Each side needs an account of its own:
#   eval "$(npm run -s parity -- --account baseline)"; eval "$(npm run -s parity -- --account candidate)"
set -uo pipefail
: "\${BASELINE:=${urls.baseline}}" "\${CANDIDATE:=${urls.candidate}}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The value at a JSON Pointer of a step's reply.
pick() { node -e 'const v = process.argv[2].split("/").slice(1).reduce((o, k) => o?.[k], JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))); process.stdout.write(String(v))' "$work/$1.body" "$2"; }
header() { tr -d '\\r' < "$work/$1.head" | sed -n "s/^$2: //Ip" | tail -1; }
location() { header "$1" location | sed 's/[?#].*//; s#.*/##'; }
send() { local id=$1; shift; curl -sS -D "$work/$id.head" -o "$work/$id.body" "$@"; echo "--- step $id"; head -1 "$work/$id.head"; cat "$work/$id.body"; echo; }

side() {
  local base=$1 auth=$2 nonce=$RANDOM$RANDOM
${steps}
}

echo "=== baseline"; ACCOUNT_PREFIX=BASELINE_ side "$BASELINE" "\${BASELINE_AUTH:-}"
echo "=== candidate"; ACCOUNT_PREFIX=CANDIDATE_ side "$CANDIDATE" "\${CANDIDATE_AUTH:-}"
`;
}

function request(model: OperationModel, step: Step): string {
  const { method, path, security } = operationById(model, step.operation);
  const url = path.replace(/\{([^}]+)\}/g, (_, name: string) => inDouble(step.path[name]));
  const query = Object.entries(step.query).map(
    ([name, value]) => `--data-urlencode "${name}=${inDouble(value)}"`,
  );
  const parts = [
    `send ${step.id} -X ${method} "$base${url}"`,
    ...(query.length > 0 ? ["-G", ...query] : []),
    ...(security.length > 0 && step.who === "owner" ? [`\${auth:+-H "$auth"}`] : []),
    ...Object.entries(step.headers).map(([name, value]) => `-H "${name}: ${inDouble(value)}"`),
    ...(step.body === undefined
      ? []
      : [
          `-H 'content-type: ${step.contentType ?? "application/json"}'`,
          `--data-raw "${inDouble(JSON.stringify(marked(step.body)), true)}"`,
        ]),
  ];
  const note =
    step.who === "owner"
      ? ""
      : `  # as ${typeof step.who === "string" ? step.who : `whoever step ${step.who.step} gave a key`}`;
  const wait = step.settle ? "  sleep 3  # what came before runs asynchronously\n" : "";
  return `${wait}  ${parts.join(" ")}${step.together ? "  # in truth at the same moment as the one before" : ""}${note}`;
}

const MARK = "\u0001";

/** JSON with marks where symbols stand. */
function marked(template: Template): unknown {
  if (template === null || typeof template !== "object") return template;
  if (isSymbolic(template)) return `${MARK}${JSON.stringify(template)}${MARK}`;
  if (Array.isArray(template)) return template.map((item: Template) => marked(item));
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) => [name, marked(value as Template)]),
  );
}

/** A template inside double quotes of the shell. */
function inDouble(template: Template | undefined, json = false): string {
  if (isSymbolic(template)) return variable(template);
  const text = typeof template === "string" ? template : JSON.stringify(template);
  const parts = json ? text.split("\\u0001") : [text];
  return parts
    .map((part, index) =>
      index % 2 === 1
        ? variable(JSON.parse(JSON.parse(`"${part}"`) as string) as Symbolic)
        : part.replace(/["\\$`]/g, "\\$&"),
    )
    .join("");
}

function variable(symbol: Symbolic): string {
  switch (symbol.$sym) {
    case "unique":
      return symbol.text.replace(NONCE, "$nonce");
    case "account":
      return `$(eval echo "\\$\${ACCOUNT_PREFIX}${symbol.name}")`;
    case "header":
      return `$(header ${symbol.step} ${symbol.name})`;
    case "location":
      return `$(location ${symbol.step})`;
    default:
      return `$(pick ${symbol.step} '${symbol.pointer}')`;
  }
}
