import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  createRun,
  type LoadHistogram,
  type RunRecord,
  type Verdict,
  writeVerdict,
} from "../gates/evidence/index.ts";
import {
  coldStarts,
  contractResult,
  judgedAt,
  loadRequests,
  operations,
  pactResults,
  runRecord,
} from "../gates/fixture.ts";
import { judge } from "../gates/judge.ts";
import { sampleFrom } from "../gates/load-sample.ts";
import { renderConsole } from "./console.ts";
import { contractCells, coverage, errorKinds, histogram, latencyOf, roundUp } from "./figures.ts";
import { renderHtml } from "./html/page.ts";
import { renderJUnit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import { writeReports } from "./write.ts";

const hostile = '</script><img src=x onerror=alert(1)> | `a` & "b" \u0000\u001b[31m ]]> \ud800';
const good = runRecord();

/** Broken, unreachable, skipped and missing contracts, errors under load, too few cold starts, hostile text. */
const bad: RunRecord = {
  ...runRecord({
    contracts: [
      contractResult(0, "monolith"),
      contractResult(1, "monolith", { outcome: "skipped", reason: "no key with that scope", cells: [] }),
      contractResult(0, "serverless", {
        outcome: "broken",
        cells: ["createAccount 200"],
        findings: [
          {
            operation: "createAccount",
            pointer: "/account/name",
            got: hostile,
            wanted: "a name as it was sent",
            message: `The name came back changed: ${hostile}`,
            curl: "curl -X POST -H 'Authorization: [redacted]' http://127.0.0.1:4000/accounts",
          },
        ],
      }),
      contractResult(1, "serverless", { outcome: "unreachable", reason: "connect ECONNREFUSED", cells: [] }),
      contractResult(2, "serverless"),
    ],
    pact: [
      ...pactResults("monolith"),
      ...pactResults("serverless", {
        outcome: "broken",
        findings: [
          {
            path: "$.lines[0].amount",
            expected: "4900",
            got: hostile,
            message: `$.lines[0].amount: Expected ${hostile} to be an integer`,
            curl: "curl -i -X GET 'http://127.0.0.1:4000/invoices/inv_1' -H 'authorization: Bearer ***'",
          },
        ],
      }),
    ],
    requests: loadRequests(3000, 30),
    coldStarts: coldStarts(120, 1),
  }),
  corrupt: [
    { stream: "generator", line: 3, message: "/sent got nothing, wanted a whole number of at least 0" },
  ],
};

/** Killed while the contract tests ran: nothing after them, no verdict. */
const cut: RunRecord = {
  ...runRecord({ contracts: [contractResult(0, "monolith")], pact: [], requests: [], coldStarts: [] }),
  truncated: ["contracts"],
};
const { endedAt: _, ...unended } = cut.file;
const killed: RunRecord = {
  ...cut,
  file: {
    ...unended,
    targets: unended.targets.map(({ versionAfter: _, ...target }) => target),
    stages: unended.stages.map((stage, i) => ({
      name: stage.name,
      target: stage.target,
      planned: 3,
      finished: 0,
      status: i === 0 ? "running" : "missing",
    })),
  },
};

const runs: readonly (readonly [string, RunRecord, Verdict | undefined])[] = [
  ["go", good, judge(good, judgedAt)],
  ["no-go", bad, judge(bad, judgedAt)],
  ["killed", killed, judge(killed, judgedAt)],
  ["not-judged", killed, undefined],
];
const golden = (name: string): string => join(import.meta.dirname, "golden", name);

describe.each(runs)("the reports of a run that is %s", (name, record, verdict) => {
  test("report.html", () => expect(renderHtml(record, verdict)).toMatchFileSnapshot(golden(`${name}.html`)));
  test("junit.xml", () => expect(renderJUnit(record, verdict)).toMatchFileSnapshot(golden(`${name}.xml`)));
  test("summary.md", () => expect(renderMarkdown(record, verdict)).toMatchFileSnapshot(golden(`${name}.md`)));
  if (verdict) {
    test("console", () => {
      const text = renderConsole(verdict, { colour: false, reportPath: "reports/out/latest/report.html" });
      return expect(text).toMatchFileSnapshot(golden(`${name}.txt`));
    });
  }

  test("no control character of a target reaches a reader", () => {
    const texts = [
      renderHtml(record, verdict),
      renderJUnit(record, verdict),
      renderMarkdown(record, verdict),
    ];
    if (verdict) texts.push(renderConsole({ ...verdict, why: `${verdict.why}\u001b[2J` }, { colour: false }));
    for (const text of texts) expect(text).not.toMatch(/[^\P{Cc}\t\n]|\p{Cs}/u);
  });

  test("the page needs nothing from elsewhere, runs no script and is well formed", () => {
    const page = renderHtml(record, verdict);
    expect(page).not.toMatch(/<(script|link|img|iframe|object)|@import|url\(|<[^>]+\ssrc=/i);
    for (const [, target] of page.matchAll(/\shref="([^"]*)"/g)) expect(target).toMatch(/^#/);
    expect(unbalanced(page)).toEqual([]);
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, link] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(link);
  });

  test("junit.xml is well formed and counts what it holds", () => {
    const xml = renderJUnit(record, verdict);
    expect(unbalanced(xml)).toEqual([]);
    const [, tests, failures, errors, skipped] =
      /<testsuites [^>]*tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/.exec(xml) ?? [];
    const count = (tag: string): string => String(xml.split(`<${tag} `).length - 1);
    expect([tests, failures, errors, skipped]).toEqual(
      ["testcase", "failure", "error", "skipped"].map(count),
    );
  });
});

describe("junit", () => {
  test("broken, unreachable, skipped and missing are four things, and so are the outcomes of gates", () => {
    const xml = renderJUnit(bad, judge(bad, judgedAt));
    const tagOf = (className: string, name: string): string | undefined =>
      new RegExp(`classname="${className}" name="${name}" time="[^"]*"(?:/>|>\\s*<(\\w+))`).exec(xml)?.[1];
    expect(tagOf("contracts.serverless", "C01 createAccount")).toBe("failure");
    expect(tagOf("contracts.serverless", "C02 getAccount")).toBe("error");
    expect(tagOf("contracts.serverless", "C03 updateAccount")).toBeUndefined();
    expect(tagOf("contracts.monolith", "C02 getAccount")).toBe("skipped");
    expect(tagOf("contracts.monolith", "C03 updateAccount")).toBe("error");
    expect(tagOf("gates", "contracts")).toBe("failure");
    expect(tagOf("gates", "errorRate serverless")).toBe("error");
  });

  test("a gate that is not required never breaks the build", () => {
    const gates = [{ gate: "errorRate", limit: 0.001, required: false }] as const;
    const record = runRecord({ requests: loadRequests(3000, 300), gates });
    expect(renderJUnit(record, judge(record, judgedAt))).toMatch(
      /name="errorRate serverless"[^>]*>\s*<skipped message="fail:/,
    );
  });
});

describe("figures", () => {
  test("a planned test without a result is missing", () => {
    const cells = contractCells(killed);
    expect(cells).toHaveLength(operations.length * 2);
    expect(cells.map((cell) => cell.outcome)).toEqual(["held", ...new Array(5).fill("missing")]);
  });

  test("a cell counts as seen only where every target showed it", () => {
    expect(coverage(good)).toMatchObject({ seen: 6, exempt: 1, unseen: 0 });
    expect(coverage(bad)).toMatchObject({ seen: 1, exempt: 1, unseen: 5 });
  });

  test("latency counts from when a request was due", () => {
    const late = loadRequests(100).map((request) => ({
      ...request,
      sentMs: request.dueMs + 900,
      doneMs: request.dueMs + 1000,
    }));
    expect(latencyOf(sampleFrom(late))).toMatchObject({ n: 100, p50: 1000, p99: 1000, p99Upper: null });
    expect(errorKinds(sampleFrom(loadRequests(10, 3)))).toEqual([
      { outcome: "unexpected-status", reply: "500", count: 3 },
    ]);
  });

  test("a histogram loses nothing", () => {
    expect(histogram([0, 5, 9.9, 10, 25, 1e9], 30, 3).map((bin) => bin.count)).toEqual([3, 1, 2]);
    expect([0.3, 1, 1.1, 2.2, 40, 990].map(roundUp)).toEqual([0.5, 1, 2, 2.5, 50, 1000]);
  });
});

test("reports are written beside the evidence they were made of", () => {
  const root = mkdtempSync(join(tmpdir(), "cutover-reports-"));
  try {
    const { file } = good;
    const run = createRun(root, { ...file, stages: [], targets: file.targets });
    run.append("contracts", contractResult(0, "monolith"));
    run.end();
    writeVerdict(run.dir, judge({ ...good, file: run.file }, new Date()));
    const paths = writeReports(run.dir);
    expect(readFileSync(paths.html, "utf8")).toContain("INCONCLUSIVE");
    expect(readFileSync(paths.junit, "utf8")).toContain("<testsuites");
    expect(readFileSync(paths.markdown, "utf8")).toContain("## INCONCLUSIVE");
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

/** Elements that are opened and not closed, or the other way round. */
function unbalanced(markup: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, close, name = "", own] of markup.matchAll(/<(\/?)([a-zA-Z][\w-]*)[^>]*?(\/?)>/g)) {
    if (own === "/" || name === "meta") continue;
    if (close === "") open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

describe("slow requests", () => {
  // Every 97th request of the fixture takes 180 ms longer.
  const requests = loadRequests(970).map((request) => ({ ...request, requestId: `r${request.seq}` }));
  const traced: RunRecord = {
    ...runRecord({ requests }),
    invocations: requests.map((request) => {
      const cold = request.seq % 194 === 0;
      const took = request.doneMs - request.dueMs;
      return {
        target: "serverless",
        requestId: request.requestId,
        responseMs: took,
        parts: [
          {
            role: "function",
            requestId: `f${request.seq}`,
            latencyMs: took,
            durationMs: cold ? 4 : took - 1,
            ...(cold && { initMs: 175 }),
          },
        ],
      };
    }),
  };

  test("are counted by cause in the report, and told apart from cold starts", () => {
    const page = renderHtml(traced, judge(traced, judgedAt));
    expect(page).toContain("Slow requests of serverless");
    expect(page).toMatch(/"cause">cold<\/td><td data-title="count" class="number">5</);
    expect(page).toMatch(/"cause">slow-downstream<\/td><td data-title="count" class="number">5</);
    expect(page).toContain("without the 5 requests that met a cold start");
  });

  test("of a target without logs are not mentioned", () => {
    expect(renderHtml(good)).not.toContain("Slow requests");
  });
});

describe("two loads beside each other", () => {
  const slower = (factor: number) =>
    loadRequests(3000).map((one) => ({ ...one, doneMs: one.dueMs + (one.doneMs - one.dueMs) * factor }));
  const page = (factor: number): string => {
    const requests = [...slower(factor), ...loadRequests(3000, 0, "monolith")];
    const record = runRecord({ requests, gates: [{ gate: "latency.p95", margin: 0.1 }] });
    const html = renderHtml(record);
    return html.slice(html.indexOf('id="comparison-serverless"')).replaceAll(/<[^>]+>/g, " ");
  };

  test("show by operation how many times as long the candidate takes, with bounds, against the margin", () => {
    const twice = page(2);
    expect(twice).toMatch(/all\s+3,000 \/ 3,000\s+2 × \[1\.\d+ ×, 2\.\d+ ×\]/);
    for (const operation of operations) expect(twice).toMatch(new RegExp(`${operation}\\s+1,000 / 1,000`));
    expect(twice).toMatch(/\sno\s/);
    expect(page(1)).toMatch(/all\s+3,000 \/ 3,000\s+1 × \[[\s\S]*?\sshown\s/);
    expect(twice).toContain("The same users came to both at the same time");
  });

  test("show the same of a load that is known from histograms alone", () => {
    const counted = (target: string, bucket: number): LoadHistogram => ({
      seq: 0,
      ...{ target, endpoint: "createAccount", phase: "steady", reply: 200, outcome: "ok" },
      ...{ count: 3000, latency: [bucket, 3000], lateness: [500, 3000] },
    });
    const histograms = [counted("serverless", 2000), counted("monolith", 1000)];
    const html = renderHtml(runRecord({ requests: [], histograms })).replaceAll(/<[^>]+>/g, " ");
    expect(html).toContain("Load on monolith");
    expect(html).toMatch(/steady\s+3,000\s+0\s+2 ms\s+2 ms\s+2 ms/);
    expect(html).toMatch(/all\s+3,000 \/ 3,000\s+2 × \[2 ×, 2 ×\]/);
  });

  test("of one load alone there is nothing to compare", () => {
    expect(renderHtml(good)).not.toContain("comparison-");
  });
});
