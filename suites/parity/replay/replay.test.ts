import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixtures } from "../fixtures/run.ts";
import { readTraffic } from "./read.ts";
import { replayTraffic } from "./run.ts";
import { replaySteps } from "./steps.ts";

const shelf = fixtures.find(({ name }) => name === "shelf");
if (shelf === undefined) throw new Error("the fixture is gone");
const model = shelf.model();

const lines = [
  {
    method: "POST",
    url: "https://old.example/folders",
    headers: { "X-Api-Key": "secret" },
    body: { name: "  blanks  " },
    response: { body: { id: 4711, name: "  blanks  " } },
  },
  {
    method: "POST",
    url: "/folders/4711/notes",
    body: { title: "  one  " },
    response: { body: { id: 99, folder_id: 4711, title: "  one  " } },
  },
  { method: "GET", url: "/notes/99", response: { body: { id: 99, folder_id: 4711 } } },
  { method: "GET", url: "/nowhere" },
];

function file(text: string, cleanUp: (close: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "replay-"));
  cleanUp(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "traffic");
  writeFileSync(path, text);
  return path;
}

test("recorded ids become symbols, recorded credentials stay behind", ({ onTestFinished }) => {
  const traffic = readTraffic(file(lines.map((line) => JSON.stringify(line)).join("\n"), onTestFinished));
  const { steps, left } = replaySteps(model, traffic, true);
  expect(steps.map(({ operation, path }) => [operation, path])).toEqual([
    ["POST /folders", {}],
    ["POST /folders/{folder_id}/notes", { folder_id: { $sym: "reply", step: 1, pointer: "/id" } }],
    ["GET /notes/{note_id}", { note_id: { $sym: "reply", step: 2, pointer: "/id" } }],
  ]);
  expect(steps[0]?.headers).toEqual({});
  expect(left).toEqual({ "no operation of the documents": 1 });
  expect(Object.keys(replaySteps(model, traffic, false).left)).toContain("a write (--writes takes it)");
});

test("HAR is read, and a line that makes no sense is named", ({ onTestFinished }) => {
  const har = {
    log: {
      entries: [
        {
          request: {
            method: "get",
            url: "https://x.example/notes/1?a=b",
            headers: [{ name: "Accept", value: "*/*" }],
          },
          response: { headers: [], content: { text: '{"id":1}' } },
        },
      ],
    },
  };
  expect(readTraffic(file(JSON.stringify(har), onTestFinished))).toEqual([
    {
      method: "GET",
      url: "/notes/1?a=b",
      headers: { accept: "*/*" },
      body: undefined,
      reply: { headers: {}, body: { id: 1 } },
    },
  ]);
  expect(() => readTraffic(file('{"method":"GET","url":"/a"}\n{"url":"/b"}', onTestFinished))).toThrow(
    "traffic:2",
  );
});

test("replayed traffic shows what differs", async ({ onTestFinished }) => {
  const traffic = readTraffic(file(lines.map((line) => JSON.stringify(line)).join("\n"), onTestFinished));
  const quirk = shelf.differences.find(({ says }) => says === "titles lose the white space around them");
  const [old, clean, trimmed] = await Promise.all([
    shelf.start(),
    shelf.start(),
    shelf.start(quirk?.candidate),
  ]);
  onTestFinished(async () => void (await Promise.all([old, clean, trimmed].map((system) => system.close()))));
  const against = (url: string) =>
    replayTraffic({
      model,
      userFile: shelf.userFile,
      seed: 1,
      traffic,
      writes: true,
      baseline: { name: "old", url: old.url, disposable: true },
      candidate: { name: "new", url, disposable: true },
    });
  expect((await against(clean.url)).findings).toEqual([]);
  const { findings, counts } = await against(trimmed.url);
  expect(findings.map(({ kind, path }) => `${kind} ${path}`)).toEqual(["value /title", "value /title"]);
  expect(counts.pairs).toBe(3);
});
