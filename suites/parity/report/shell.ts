import type { OperationModel } from "../../../openapi/model/index.ts";
import { operationById } from "../../../openapi/model/index.ts";
import type { Step, Who } from "../engine/step.ts";
import { isSymbolic, NONCE, type Symbolic, type Template } from "../generate/template.ts";
import type { Finding } from "../result.ts";
import type { UserFile } from "../user-file.ts";

/**
 * A finding as a shell script: the same requests with curl, once to each side, each with the ids that side issued.
 * Credentials come from the environment; the head of the script says how.
 */
export function shellScript(
  model: OperationModel,
  finding: Finding,
  urls: { readonly baseline: string; readonly candidate: string },
  credentials: UserFile["credentials"] = [],
): string {
  const steps = finding.template.map((step) => request(model, step, credentials)).join("\n");
  return `#!/usr/bin/env bash
# ${finding.title.replace(/\s+/g, " ")}
# Class: ${finding.class}. Shown again on fresh accounts ${finding.confirmed} of ${finding.tries} times.
# Each side needs an account of its own:
#   eval "$(npm run -s parity -- --account baseline)"; eval "$(npm run -s parity -- --account candidate)"
set -uo pipefail
: "\${BASELINE:=${urls.baseline}}" "\${CANDIDATE:=${urls.candidate}}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The value at a JSON Pointer of a step's reply: as a text, or as JSON.
value() { node -e 'const { readFileSync } = require("node:fs"); const [file, pointer, as] = process.argv.slice(1); const found = pointer.split("/").slice(1).reduce((at, key) => at?.[key], JSON.parse(readFileSync(file, "utf8"))); process.stdout.write(as === "json" ? JSON.stringify(found) : String(found))' "$work/$1.body" "$2" "$3"; }
pick() { value "$1" "$2" text; }
json() { value "$1" "$2" json; }
header() { tr -d '\\r' < "$work/$1.head" | sed -n "s/^$2: //Ip" | tail -1; }
location() { header "$1" location | sed 's/[?#].*//; s#.*/##'; }
# A value in a path.
enc() { node -p 'encodeURIComponent(process.argv[1])' "$1"; }
# The scheme of an Authorization header in another case.
respelled() { awk '{ $2 = $2 == tolower($2) ? toupper($2) : tolower($2) } 1' <<< "$1"; }
send() { local id=$1; shift; curl -sS -D "$work/$id.head" -o "$work/$id.body" "$@"; echo "--- step $id"; head -1 "$work/$id.head"; cat "$work/$id.body" 2> /dev/null; echo; }

side() {
  local base=$1 auth=$2 stranger=$3 nonce=$((1000000 + (RANDOM * 32768 + RANDOM) % 9000000))
${steps}
}

echo "=== baseline"; ACCOUNT_PREFIX=BASELINE_ side "$BASELINE" "\${BASELINE_AUTH:-}" "\${BASELINE_STRANGER_AUTH:-}"
echo "=== candidate"; ACCOUNT_PREFIX=CANDIDATE_ side "$CANDIDATE" "\${CANDIDATE_AUTH:-}" "\${CANDIDATE_STRANGER_AUTH:-}"
`;
}

function request(model: OperationModel, step: Step, credentials: UserFile["credentials"]): string {
  const { method, path, security } = operationById(model, step.operation);
  const url = path.replace(/\{([^}]+)\}/g, (_, name: string) => `$(enc "${inDouble(step.path[name])}")`);
  const query = Object.entries(step.query).map(
    ([name, value]) => `--data-urlencode "${name}=${inDouble(value)}"`,
  );
  const parts = [
    `send ${step.id} -X ${method} "$base${url}"`,
    ...(query.length > 0 ? ["-G", ...query] : []),
    ...(security.length > 0 ? whoseHeaders(step.who, credentials) : []),
    ...Object.entries(step.headers).map(([name, value]) => `-H "${name}: ${inDouble(value)}"`),
    ...(step.body === undefined
      ? []
      : [
          `-H 'content-type: ${step.contentType ?? "application/json"}'`,
          `--data-raw "${jsonInDouble(step.body)}"`,
        ]),
  ];
  const wait = step.settle ? "  sleep 3  # what came before runs asynchronously\n" : "";
  return `${wait}  ${parts.join(" ")}${step.together ? "  # in truth at the same moment as the one before" : ""}`;
}

/** The headers by which a request says who sends it. */
function whoseHeaders(who: Who, credentials: UserFile["credentials"] = []): readonly string[] {
  if (who === "nobody") return [];
  if (who === "owner") return [`\${auth:+-H "$auth"}`];
  if (who === "stranger") return [`\${stranger:+-H "$stranger"}`];
  if (who === "respelled") return [`\${auth:+-H "$(respelled "$auth")"}`];
  const { pointer = "", headers } = credentials[who.issued] ?? {};
  const value = variable({ $sym: "reply", step: who.step, pointer });
  return Object.entries(headers?.(MARK) ?? {}).map(
    ([name, text]) => `-H "${name}: ${text.split(MARK).map(quoted).join(value)}"`,
  );
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

const quoted = (text: string): string => text.replace(/["\\$`]/g, "\\$&");

/** A body as JSON inside double quotes of the shell; a value of a reply stays the text or the number that it was. */
function jsonInDouble(body: Template): string {
  return JSON.stringify(marked(body))
    .split(/"\\u0001(.*?)\\u0001"/)
    .map((part, index) => {
      if (index % 2 === 0) return quoted(part);
      const symbol = JSON.parse(JSON.parse(`"${part}"`) as string) as Symbolic;
      return symbol.$sym === "reply"
        ? `$(json ${symbol.step} '${symbol.pointer}')`
        : `\\"${variable(symbol)}\\"`;
    })
    .join("");
}

/** A template inside double quotes of the shell. */
function inDouble(template: Template | undefined): string {
  if (isSymbolic(template)) return variable(template);
  return quoted(typeof template === "string" ? template : JSON.stringify(template));
}

function variable(symbol: Symbolic): string {
  switch (symbol.$sym) {
    case "unique":
      return symbol.text.split(NONCE).map(quoted).join(`\${nonce}`);
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
