/** Defects of the catalogue that a minute's exploration may miss or find too late, each with the reason. */
export const explainedMisses: Readonly<Record<string, string>> = {
  B19: "the two sums differ only on an invoice of several lines whose taxes round apart, which few sequences draw",
  B37: "a range has to end between two midnights, with an event in those hours, which few sequences draw",
  B41: "a batch has to repeat an item of its own that is good, which few sequences draw",
  B51: "usage has to be billed, its invoice voided and the event read again, which few sequences draw in a minute",
  B57: "behind five steps of set-up two refunds have to fit one by one and not together, which few sequences draw",
};
