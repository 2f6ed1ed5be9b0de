import { join } from "node:path";
import { readRun, writeReport } from "../gates/evidence/index.ts";
import { cutoverPlan } from "./cutover-plan.ts";
import { renderHtml } from "./html/page.ts";
import { renderJUnit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";

/** Where the reports of a run are. */
export interface ReportPaths {
  readonly html: string;
  readonly junit: string;
  readonly markdown: string;
}

/**
 * Writes `report.html`, `junit.xml` and `summary.md` into a run's folder, from what is in it: evidence and,
 * when it was judged, the verdict.
 * @throws EvidenceError when they cannot be written, and as `readRun`
 */
export function writeReports(dir: string): ReportPaths {
  const record = readRun(dir);
  writeReport(dir, "report.html", renderHtml(record, record.verdict));
  writeReport(dir, "junit.xml", renderJUnit(record, record.verdict));
  if (record.parity.length > 0)
    writeReport(dir, "cutover-plan.json", `${JSON.stringify(cutoverPlan(record), undefined, 2)}\n`);
  writeReport(dir, "summary.md", renderMarkdown(record, record.verdict));
  return { html: join(dir, "report.html"), junit: join(dir, "junit.xml"), markdown: join(dir, "summary.md") };
}
