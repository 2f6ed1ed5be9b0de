import type { RunRecord, Verdict } from "../../gates/evidence/index.ts";
import { comparisonSections } from "./comparison.ts";
import { contractsSection, coverageSection } from "./contracts.ts";
import { damageSection, factsSection } from "./facts.ts";
import { coldStartSections, loadSections } from "./load.ts";
import { Html, html } from "./markup.ts";
import { pactSection } from "./pact.ts";
import { paritySections } from "./parity.ts";
import { slowSections } from "./slow.ts";
import { style } from "./style.ts";
import { gatesSection, verdictBlock } from "./verdict.ts";

/** `report.html`: one file that needs nothing else, and by its policy can load nothing else. */
export function renderHtml(record: RunRecord, verdict?: Verdict): string {
  const sections = [
    verdict && gatesSection(verdict),
    damageSection(record),
    contractsSection(record),
    coverageSection(record),
    pactSection(record),
    ...paritySections(record),
    ...loadSections(record),
    ...comparisonSections(record),
    ...slowSections(record),
    ...coldStartSections(record),
    factsSection(record),
  ].filter((part) => part !== undefined);
  const links = sections.flatMap(({ text }) => {
    const [, id, title] = /<section id="([^"]+)"[^>]*>\n<h2[^>]*>([^<]+)</.exec(text) ?? [];
    return id === undefined || title === undefined
      ? []
      : [html`<a href="#${new Html(id)}">${new Html(title)}</a>`];
  });
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${verdict?.verdict ?? "Not judged"}: ${record.file.runId}</title>
<style>${new Html(style)}</style>
</head>
<body>
<main>
${verdictBlock(record, verdict)}<nav aria-label="Sections">${links}</nav>
${sections}</main>
</body>
</html>
`.text;
}
