import { UsageError } from "../../gates/exit.ts";
import { sampleOf } from "../../suites/contract/defects/read.ts";
import { type FlagValues, text, texts } from "./cli.ts";

/** Picks from all defects those that were asked for. */
export type Chosen = <T extends { readonly id: string }>(all: readonly T[]) => readonly T[];

/** The flags by which some of a catalogue's defects are chosen. */
export const choosing = {
  only: { value: "ID,…", multiple: true, says: "only these defects" },
  sample: { value: "N", says: "only so many, spread over the catalogue by the seed" },
} as const;

/** What `--only` and `--sample` choose. @throws UsageError when it picks nothing, or something that there is not */
export function chosenFrom(flags: FlagValues, seed: number): Chosen {
  const only = texts(flags, "only")?.flatMap((ids) => ids.split(","));
  const sample = text(flags, "sample");
  return (all) => {
    const count = Number(sample ?? all.length);
    const chosen = only ? all.filter(({ id }) => only.includes(id)) : sampleOf(all, count, seed);
    if (chosen.length > 0 && Number.isInteger(count) && chosen.length === (only ?? chosen).length)
      return chosen;
    throw new UsageError({
      what: "No defect was chosen, or one that there is not.",
      where: "--only or --sample",
      got: (only ?? [sample]).join(),
      wanted: `ids from ${all[0]?.id} to ${all.at(-1)?.id}, or a whole number above 0`,
    });
  };
}
