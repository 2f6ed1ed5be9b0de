import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundledModel, loadSpecs } from "../../openapi/model/index.ts";
import { joinedSpec } from "./joined-spec.ts";

test("the joined document promises what the seven do, in one file", async ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "cutover-joined-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const joined = await joinedSpec(bundledModel());
  const file = join(folder, "joined.json");
  writeFileSync(file, JSON.stringify(joined));
  const model = loadSpecs([file]);
  const shape = ({ operations }: typeof model) =>
    operations
      .map(({ id, method, path, parameters, responses }) => [
        id,
        method,
        path,
        parameters.map(({ name }) => name),
        responses.map(({ status, links }) => [status, links.map(({ name }) => name)]),
      ])
      .toSorted();
  expect(shape(model)).toEqual(shape(bundledModel()));
  expect([...model.documents.keys()]).toEqual([file]);
  expect(JSON.stringify(joined)).not.toContain("operationRef");
});
