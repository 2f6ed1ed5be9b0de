import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const rooms = ["contracts", "gates", "load", "openapi", "reports", "scripts", "suites", "targets"];

/** Which room may import which other (a room always may import itself). Rooms inside targets/ are apart. */
const table: Readonly<Record<string, readonly string[]>> = {
  openapi: [],
  contracts: ["openapi", "gates"],
  suites: ["openapi", "gates"],
  load: ["openapi", "gates"],
  gates: [],
  "targets/monolith": [],
  "targets/serverless": [],
  "targets/local-aws": [],
  targets: [],
  reports: ["gates"],
  scripts: [...rooms, "targets/monolith", "targets/serverless", "targets/local-aws", "cutover.config.ts"],
  "cutover.config.ts": ["gates"],
};

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

/** What is wrong with one import by the table, or undefined. */
function judgeImport(found: Import): string | undefined {
  const from = roomOf(found.file);
  const to = roomOf(found.target);
  if (from === to || to === undefined || from === undefined) return undefined;
  // A file directly in targets/ belongs to no system; the systems may share the generated types alone.
  if (from.startsWith("targets") && found.typeOnly && found.target.startsWith("openapi/generated/"))
    return undefined;
  if (table[from]?.includes(to)) return undefined;
  return `${found.file} imports ${found.target}, but ${from} may import ${table[from]?.join(", ") || "no other room"}`;
}

function roomOf(path: string): string | undefined {
  const [first, second] = path.split("/");
  if (first === undefined) return undefined;
  if (
    first === "targets" &&
    second !== undefined &&
    ["monolith", "serverless", "local-aws"].includes(second)
  ) {
    return `targets/${second}`;
  }
  return rooms.includes(first) || first === "cutover.config.ts" ? first : undefined;
}

/** Every relative import, re-export and dynamic import of one file. */
function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), "utf8"),
    ts.ScriptTarget.ESNext,
    true,
  );
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean): void => {
    if (!specifier.startsWith(".")) return;
    found.push({ file, target: relative(root, join(root, dirname(file), specifier)), typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, node.importClause?.isTypeOnly === true);
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      add(node.moduleSpecifier.text, node.isTypeOnly);
    } else if (
      ts.isImportTypeNode(node) &&
      ts.isLiteralTypeNode(node.argument) &&
      ts.isStringLiteral(node.argument.literal)
    ) {
      add(node.argument.literal.text, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteral(argument)) add(argument.text, false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe("the import table of the rooms", () => {
  const files = globSync(["cutover.config.ts", ...rooms.map((room) => `${room}/**/*.{ts,mjs,cjs}`)], {
    cwd: root,
    exclude: ["**/*.test.ts", "**/node_modules/**", "reports/out/**", "targets/serverless/build/**"],
  });

  test("is kept by every file", () => {
    const found = files.flatMap(importsOf);
    expect(found.length).toBeGreaterThan(50);
    expect(found.map(judgeImport).filter((wrong) => wrong !== undefined)).toEqual([]);
  });

  test.each([
    ["gates/judge.ts", "reports/html.ts", false],
    ["targets/monolith/main.ts", "targets/serverless/lib/http.ts", false],
    ["targets/monolith/main.ts", "openapi/generated/accounts.ts", false],
    ["targets/local-aws/start.ts", "gates/exit.ts", true],
    ["suites/contract/run.ts", "targets/monolith/start.ts", false],
    ["reports/html.ts", "scripts/lib/main.ts", false],
  ])("forbids that %s imports %s", (file, target, typeOnly) => {
    expect(judgeImport({ file, target, typeOnly })).toContain(`${file} imports ${target}`);
  });

  test.each([
    ["targets/monolith/main.ts", "openapi/generated/accounts.ts", true],
    ["load/prober.ts", "gates/evidence/index.ts", false],
    ["scripts/verify.ts", "targets/monolith/start.ts", false],
  ])("allows that %s imports %s", (file, target, typeOnly) => {
    expect(judgeImport({ file, target, typeOnly })).toBeUndefined();
  });
});
