import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { TemplateError } from "../errors.ts";
import { resolve, type Scope } from "./intrinsics.ts";
import { readTemplate } from "./read.ts";
import { parseTemplate } from "./yaml.ts";

const folder = mkdtempSync(join(tmpdir(), "template-"));
writeFileSync(join(folder, "index.mjs"), "export const handler = () => {};");
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
/** Reads a template given as text. */
const read = (text: string, parameters: Record<string, string> = {}) => {
  const file = join(folder, `${files++}.yaml`);
  writeFileSync(file, text);
  return readTemplate(file, { parameters });
};

describe("functions of CloudFormation", () => {
  const scope: Scope = {
    parameters: { Name: "world", Zones: ["a", "b"] },
    mappings: { Sizes: { big: { memory: 512 } } },
    conditions: {
      Yes: { "Fn::Equals": ["1", 1] },
      No: { "Fn::Not": [{ Condition: "Yes" }] },
      Both: { "Fn::And": [{ Condition: "Yes" }, { Condition: "No" }] },
      Either: { "Fn::Or": [{ Condition: "Yes" }, { Condition: "No" }] },
    },
    ref: (id) => (id === "Table" ? "table-1" : undefined),
    attribute: (id, name) => (`${id}.${name}` === "Fn.Arn" ? "arn:fn" : undefined),
  };
  const cases: readonly (readonly [string, unknown])[] = [
    ["!Ref Name", "world"],
    ["!Ref Table", "table-1"],
    ["!GetAtt Fn.Arn", "arn:fn"],
    ["!GetAtt [Fn, Arn]", "arn:fn"],
    ["{ Fn::GetAtt: [Fn, Arn] }", "arn:fn"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's syntax
    ["!Sub 'hello ${Name} ${Fn.Arn} ${!Literal}'", "hello world arn:fn ${Literal}"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's syntax
    ["!Sub ['${Name} ${Own}', { Name: shadow, Own: !Ref Table }]", "shadow table-1"],
    ["!Join ['-', [a, !Ref Name]]", "a-world"],
    ["!Select [1, !Ref Zones]", "b"],
    ["!Select [0, !Split [':', 'x:y']]", "x"],
    ["!FindInMap [Sizes, big, memory]", 512],
    ["!If [Yes, 1, !Ref Missing]", 1],
    ["!If [Both, 1, 2]", 2],
    ["!If [Either, 1, 2]", 1],
    ["!Base64 hi", "aGk="],
    [
      "{ keep: 1, drop: !Ref 'AWS::NoValue', list: [1, !If [No, 2, !Ref 'AWS::NoValue']] }",
      { keep: 1, list: [1] },
    ],
  ];
  test.each(cases)("%s", (text, want) => {
    expect(resolve(parseTemplate(`value: ${text}`, "test").value, scope, "here")).toEqual(want);
  });

  const failing: readonly (readonly [string, RegExp])[] = [
    ["!Ref Missing", /here: Ref "Missing"/],
    ["{ deep: [!GetAtt Fn.Nope] }", /here\.deep\[0\].*"Fn\.Nope"/],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's syntax
    ["!Sub '${Missing}'", /Missing/],
    ["!ImportValue x", /ImportValue: not supported/],
    ["!If [Unknown, 1, 2]", /no condition "Unknown"/],
    ["!FindInMap [Sizes, small, memory]", /not mapped/],
    ["!Select [5, [a]]", /nothing at index 5/],
    ["!Nonsense x", /not a CloudFormation function/],
  ];
  test.each(failing)("%s fails", (text, message) => {
    const attempt = () => resolve(parseTemplate(`value: ${text}`, "test").value, scope, "here");
    expect(attempt).toThrow(TemplateError);
    expect(attempt).toThrow(message);
  });
});

const fn = (properties: string, code = "Runtime: nodejs24.x, CodeUri: .") => `
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: { Handler: index.handler, ${code}${properties && `, ${properties}`} }
`;

describe("a template", () => {
  test("merges globals into functions: maps by key, the rest replaced", () => {
    const { functions } = read(`
Globals: { Function: { Timeout: 9, MemorySize: 1, Environment: { Variables: { A: global, B: global } } } }
${fn("MemorySize: 512, Environment: { Variables: { B: own, C: 3 } }")}`);
    expect(functions[0]).toMatchObject({
      name: "F",
      codeDir: folder,
      timeoutSeconds: 9,
      memoryMb: 512,
      environment: { A: "global", B: "own", C: "3" },
    });
  });

  test("takes parameters over their defaults", () => {
    const text = `
Parameters: { Size: { Type: Number, Default: 256, AllowedValues: [256, 512] } }
${fn("MemorySize: !Ref Size")}`;
    expect(read(text).functions[0]?.memoryMb).toBe(256);
    expect(read(text, { Size: "512" }).functions[0]?.memoryMb).toBe(512);
    expect(() => read(text, { Size: "1" })).toThrow(/not an allowed value/);
  });

  test("leaves out resources whose condition does not hold", () => {
    const text = (value: string) => `
Conditions: { C: !Equals [${value}, yes] }
Resources: { T: { Type: AWS::DynamoDB::Table, Condition: C, Properties: { KeySchema: [], AttributeDefinitions: [] } } }`;
    expect(read(text("yes")).tables).toHaveLength(1);
    expect(read(text("no")).tables).toHaveLength(0);
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ["a misspelt property", fn("Handlr: x"), /F\.Properties\.Handlr: is not supported/],
    [
      "an unknown resource",
      "Resources: { Q: { Type: AWS::SQS::Queue } }",
      /Q: AWS::SQS::Queue is not supported/,
    ],
    ["an event nothing sends", fn("Events: { E: { Type: Schedule } }"), /Type: Schedule is not supported/],
    [
      "a function that is not built",
      fn("", "Runtime: nodejs24.x, CodeUri: nowhere"),
      /are the functions built/,
    ],
    ["another runtime", fn("", "Runtime: python3.13, CodeUri: ."), /only Node\.js/],
    ["a route without an API", fn("Events: { E: { Type: HttpApi, Properties: { Path: /x } } }"), /HttpApi/],
    [
      "an authorizer with a cache",
      `Resources:
  A:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        Authorizers:
          X:
            FunctionArn: a:b:c:d:e:f:g
            AuthorizerPayloadFormatVersion: 2.0
            EnableSimpleResponses: true
            Identity: { ReauthorizeEvery: 60 }`,
      /authorizer cache is not supported/,
    ],
    [
      "CORS",
      "Resources: { A: { Type: AWS::Serverless::HttpApi, Properties: { CorsConfiguration: true } } }",
      /Cors/,
    ],
  ];
  test.each(refused)("with %s is refused", (_what, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
