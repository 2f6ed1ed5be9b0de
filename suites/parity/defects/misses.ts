/** Defects of the catalogue that an exploration may miss, each with the reason. */
export const explainedMisses: Readonly<Record<string, string>> = {};
