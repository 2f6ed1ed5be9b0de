import type { DefectOutcome } from "./run.ts";
import { explainedSurvivors } from "./survivors.ts";

/** The share of defects that the suite must notice. */
const LEAST = 0.95;

/**
 * What became of each defect, for people, and whether the suite is good enough: at least 95 in 100 noticed,
 * every survivor explained, and no explanation for one that was noticed.
 */
export function defectTable(outcomes: readonly DefectOutcome[]): {
  readonly text: string;
  readonly holds: boolean;
} {
  const survivors = outcomes.filter(({ found }) => !found);
  const unexplained = survivors.filter(({ defect }) => explainedSurvivors[defect.id] === undefined);
  const outdated = outcomes.filter(
    ({ found, defect }) => found && explainedSurvivors[defect.id] !== undefined,
  );
  const found = outcomes.length - survivors.length;
  // One explained survivor must not fail a handful: the share is asked of a run that can tell it.
  const enough = outcomes.length < 100 || found / outcomes.length >= LEAST;
  const wrong = unexplained.length + outdated.length;
  const rows = [...Map.groupBy(outcomes, ({ defect }) => defect.context)].map(([context, of]) => [
    context,
    String(of.length),
    String(of.filter((outcome) => outcome.found).length),
  ]);
  const lines = [
    "context        defects  noticed",
    ...rows.map(
      ([context = "", all = "", seen = ""]) => `${context.padEnd(13)} ${all.padStart(8)} ${seen.padStart(8)}`,
    ),
    ...survivors.map(({ defect }) => {
      const { kind, ...rest } = defect.fault;
      const detail = Object.values(rest).flat().join(" ");
      return `survived ${defect.id} ${defect.operation} ${kind} ${detail}: ${explainedSurvivors[defect.id] ?? "NOT EXPLAINED"}`;
    }),
    ...outdated.map(({ defect }) => `${defect.id} is noticed now: take its explanation away`),
    `${((100 * found) / outcomes.length).toFixed(1)} % of the defects were noticed; at least ${100 * LEAST} % are wanted`,
    `${outcomes.length - wrong} passed, ${wrong} failed`,
  ];
  return { text: lines.join("\n"), holds: enough && wrong === 0 };
}
