/** Defects of the catalogue that an exploration may miss, each with the reason. */
export const explainedMisses: Readonly<Record<string, string>> = {
  B19: "the two sums differ only on an invoice of several lines whose taxes round apart, which few sequences draw",
  B41: "a batch has to repeat an item of its own that is good, which few sequences draw",
};
