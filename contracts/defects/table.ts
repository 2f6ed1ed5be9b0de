import type { DefectOutcome } from "./run.ts";

/** What became of the defects, for people: by kind, then each that broke others than it had to. */
export function defectTable(outcomes: readonly DefectOutcome[]): {
  readonly text: string;
  readonly holds: boolean;
} {
  const kinds = [
    ...Map.groupBy(outcomes, ({ defect }) =>
      defect.breaks.length === 0 ? "drop what nobody uses" : defect.fault.kind.replaceAll("-", " "),
    ),
  ];
  const wrong = outcomes.filter(({ holds }) => !holds);
  const lines = [
    "defect                 count  as it has to be",
    ...kinds.map(([kind, own]) => {
      const held = own.filter(({ holds }) => holds).length;
      return `${kind.padEnd(22)} ${String(own.length).padStart(5)}  ${String(held).padStart(14)}`;
    }),
    ...wrong.map(({ defect, broke, first }) => {
      const { kind, ...rest } = defect.fault;
      const what = `${defect.operation} ${defect.status ?? ""} ${kind} ${Object.values(rest).join(" ")}`;
      return `${defect.id} ${what}: breaks ${broke.join(", ") || "nobody"}, has to break ${defect.breaks.join(", ") || "nobody"}${first === "" ? "" : ` (${first})`}`;
    }),
    `${outcomes.length - wrong.length} passed, ${wrong.length} failed`,
  ];
  return { text: lines.join("\n"), holds: outcomes.length > 0 && wrong.length === 0 };
}
