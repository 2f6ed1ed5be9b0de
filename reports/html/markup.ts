import { visible } from "../visible.ts";

/** Markup that is safe to put into a page. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | undefined | false | readonly Part[];

/** Builds markup; everything put in that is not markup itself is escaped. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((page, string, index) => page + render(parts[index - 1]) + string));
}

function render(part: Part): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(render).join("");
  return escapeHtml(String(part));
}

function escapeHtml(text: string): string {
  return visible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => Part;
  /** Numbers stand right, so that their digits line up. */
  readonly number?: boolean;
}

/** A table that becomes a list of cards on a narrow screen, each value under its column's title. */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[], caption: string): Html {
  const kind = <C extends Column<T>>(column: C): Html | false =>
    column.number === true && html` class="number"`;
  return html`<div class="scroll"><table class="cards">
<caption>${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col"${kind(column)}>${column.title}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (
    row,
  ) => html`<tr>${columns.map((column) => html`<td data-title="${column.title}"${kind(column)}>${column.cell(row)}</td>`)}</tr>
`,
)}</tbody>
</table></div>
`;
}

/** A section with its heading; the id is for links within the page. */
export function section(id: string, title: string, lead: Part, ...body: readonly Part[]): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
<p class="lead">${lead}</p>
${body}</section>
`;
}
