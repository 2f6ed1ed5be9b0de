/** The page's style. No web font, no image, no script: the file is read as it is, wherever it is. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f6f4; --surface: #ffffff; --line: #dfdfdb; --text: #1b1c1e; --soft: #5f6368;
  --data: #2c6bd1; --good: #14713f; --bad: #b3261e; --open: #8a5a00;
  --good-soft: #e3f3e9; --bad-soft: #fbe7e5; --open-soft: #fbf0d9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121315; --surface: #1b1d20; --line: #33363b; --text: #ececea; --soft: #a2a7ae;
    --data: #7aa9f7; --good: #5cc98b; --bad: #f58b80; --open: #e0b04c;
    --good-soft: #16301f; --bad-soft: #3a1b19; --open-soft: #33270f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
}
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 64px; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; }
h2 { font-size: 20px; margin: 0 0 4px; }
h3 { font-size: 15px; margin: 24px 0 8px; }
a { color: inherit; }
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, "Liberation Mono", monospace; font-size: .9em; }
pre {
  margin: 6px 0 0; padding: 10px 12px; background: var(--page); border: 1px solid var(--line); border-radius: 6px;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
section { margin-top: 20px; padding: 20px; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
.lead { margin: 0 0 14px; color: var(--soft); max-width: 75ch; }
.soft { color: var(--soft); }

.verdict { padding: 24px 20px; border-radius: 10px; border: 1px solid currentColor; }
.verdict.pass { color: var(--good); background: var(--good-soft); }
.verdict.fail { color: var(--bad); background: var(--bad-soft); }
.verdict.open { color: var(--open); background: var(--open-soft); }
.verdict h1 { margin: 0; font-size: clamp(32px, 7vw, 52px); letter-spacing: -.02em; }
.verdict .why { margin: 6px 0 0; font-size: 18px; color: var(--text); max-width: 70ch; }
.verdict .when { margin: 12px 0 0; color: var(--text); opacity: .8; font-size: 14px; }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 16px 2px 0; font-size: 14px; }

table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: 8px 10px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-size: 13px; font-weight: 600; color: var(--soft); white-space: nowrap; }
tbody tr:last-child td { border-bottom: 0; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
.scroll { overflow-x: auto; }

.mark { font-weight: 600; white-space: nowrap; }
.mark.pass, .mark.held, .mark.seen, .mark.done { color: var(--good); }
.mark.fail, .mark.broken, .mark.unseen, .mark.failed { color: var(--bad); }
.mark.inconclusive, .mark.invalid, .mark.absent, .mark.missing, .mark.skipped, .mark.unreachable, .mark.running { color: var(--open); }
.mark.exempt { color: var(--soft); }

.gates { list-style: none; margin: 0; padding: 0; }
.gate { padding: 14px 0; border-top: 1px solid var(--line); display: grid; gap: 2px 20px; grid-template-columns: 120px minmax(0, 1fr) 220px; }
.gate:first-child { border-top: 0; padding-top: 0; }
.gate:last-child { padding-bottom: 0; }
.gate .name { font-weight: 600; }
.gate p { margin: 2px 0 0; }
.gate dl { grid-column: 2 / -1; margin: 6px 0 0; display: flex; flex-wrap: wrap; gap: 2px 24px; }
.gate dl div { display: flex; gap: 6px; }
.gate dt { color: var(--soft); }
.gate dd { margin: 0; font-variant-numeric: tabular-nums; }
.gate .settle { grid-column: 2 / -1; }

.operations { list-style: none; margin: 0; padding: 0; columns: 3 250px; column-gap: 28px; }
.operations li { display: flex; gap: 8px; padding: 4px 0; border-bottom: 1px solid var(--line); break-inside: avoid; align-items: baseline; }
.operations .id { color: var(--soft); width: 30px; flex: none; }
.operations .name { flex: 1; overflow-wrap: anywhere; }
.operations .marks { display: flex; gap: 10px; flex: none; }
details { margin-top: 10px; border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; }
summary { cursor: pointer; font-weight: 600; }
.finding { margin-top: 12px; padding-top: 12px; border-top: 1px solid var(--line); }
.finding dl { margin: 4px 0 0; display: grid; grid-template-columns: 70px minmax(0, 1fr); gap: 2px 10px; }
.finding dt { color: var(--soft); }
.finding dd { margin: 0; overflow-wrap: anywhere; }

.coverage { font-size: 13px; }
.coverage th, .coverage td { padding: 3px 6px; text-align: center; }
.coverage th:first-child, .coverage td:first-child { text-align: left; position: sticky; left: 0; background: var(--surface); }

svg { display: block; max-width: 100%; }
svg text { fill: var(--soft); font-size: 12px; }
.axis { stroke: var(--line); stroke-width: 1; }
.limit { stroke: var(--bad); stroke-width: 2; }
svg .limit-label { fill: var(--bad); }
.bar, .spark rect { fill: var(--data); }
.bounds { width: 220px; height: 26px; }
.interval { stroke-width: 6; stroke: var(--open); opacity: .45; }
.estimate { fill: var(--open); }
.interval.pass { stroke: var(--good); } .estimate.pass { fill: var(--good); }
.interval.fail { stroke: var(--bad); } .estimate.fail { fill: var(--bad); }
.spark { width: 128px; height: 24px; }
.histogram { width: 100%; height: auto; margin-top: 8px; }

.facts { margin: 0; display: grid; grid-template-columns: 170px minmax(0, 1fr); gap: 6px 16px; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }

@media (max-width: 720px) {
  main { padding: 12px 12px 40px; }
  section { padding: 16px 14px; }
  .gate { grid-template-columns: 1fr; }
  .gate dl, .gate .settle { grid-column: 1; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: 8px; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cards tr { display: flex; flex-wrap: wrap; gap: 2px 18px; padding: 8px 0; border-bottom: 1px solid var(--line); }
  .cards tbody tr:last-child { border-bottom: 0; }
  .cards td { display: flex; gap: 6px; align-items: baseline; padding: 0; border: 0; }
  .cards td::before { content: attr(data-title); color: var(--soft); }
  .cards td:first-child { font-weight: 600; flex: 0 0 100%; }
  .cards td:first-child::before { content: none; }
  .cards td:empty { display: none; }
  svg.histogram text { font-size: 20px; }
}
@media print {
  body { background: #fff; }
  section { break-inside: avoid-page; border: 0; padding: 0; }
  nav { display: none; }
}
`;
