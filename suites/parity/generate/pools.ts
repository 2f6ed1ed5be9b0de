import { NONCE } from "./template.ts";

/**
 * Values that tell implementations apart: ends of ranges, ties of rounding, ends of months, what a careless
 * `trim`, `toLowerCase` or normalisation would change. Which of them a schema takes, its validator says.
 */

/** Values of one sort stand in one group: a sort is chosen first, so that a long list does not hide a short one. */
export type Groups = readonly (readonly string[])[];

/** What a careless clean-up changes, all in one: blanks at both ends and inside, letters of two code points, case. */
export const TRAPS: readonly string[] = ["  MiXeD  e\u0301 ß  ", " e\u0301X "];

export const TEXTS: Groups = [
  "Team|Basic|Order 66|api_calls|x|0|007|null|true|-1|1e3".split("|"),
  [" leading", "trailing ", "  both  ", "two  blanks", "tab\tin", "line\nbreak", ""],
  ["MiXeD Case", "ÜBER straße", "İstanbul", "e\u0301 decomposed", "é composed", "ﬁ ligature"],
  ["😀 astral 👩‍👩‍👧", "مرحبا", "日本語"],
  [`"quoted" 'single' \\ back`, "<b>&amp;</b>", "a/b?c=d&e#f", "100%"],
];

export const DECIMALS: Groups = [
  // Whole numbers hide every rounding, so what is typical is not whole.
  ["7.01", "3", "0.37", "12.34", "1"],
  ["2", "5", "7", "10", "100", "1000", "1500"],
  ["0"],
  ["0.5", "1.5", "2.5", "0.005", "0.015", "0.025", "0.035", "0.045", "1.005", "2.675", "0.125", "0.375"],
  ["0.1", "0.2", "0.3", "0.7", "33.33", "12.345", "99.90", "1234.5678", "0.000001", "0.0001"],
  ["2.50", "10.10", "3.000"],
  ["999999999999999999.999999", "90071992547409.91", "9007199254740993", "123456789.123456"],
  ["100000", "999999.999999"],
];

export const INTEGERS: readonly number[] = [
  0, 1, 2, 3, 5, 7, 10, 15, 25, 49, 50, 51, 99, 100, 101, 150, 250, 333, 350, 450, 550, 650, 700, 725, 750,
  775, 825, 875, 950, 999, 1000, 1050, 1250, 1750, 1900, 2250, 2500, 4900, 5831, 10_000, 99_999, 1_000_001,
  2_147_483_647, 2_147_483_648, 9_007_199_254_740_991, -1,
];

export const INSTANTS: Groups = [
  [
    "2026-06-15T12:00:00.5Z",
    "2026-05-15T02:15:30.123Z",
    "2026-08-31T15:45:10.250Z",
    "2026-01-29T22:40:00Z",
    "2026-11-30T10:00:00Z",
    "2026-09-30T12:00:00Z",
  ],
  [
    "2026-01-31T09:30:00Z",
    "2026-01-31T00:00:00.000Z",
    "2025-01-30T08:00:00Z",
    "2024-02-29T12:00:00Z",
    "2028-02-29T00:00:00Z",
    "2027-01-31T09:30:00Z",
    "2026-07-31T22:00:00Z",
    "2025-11-30T00:00:00Z",
  ],
  [
    "2025-12-31T23:59:59.999Z",
    "2026-01-01T00:00:00Z",
    "2026-04-30T23:59:59.999Z",
    "2026-03-01T00:00:00Z",
    "2026-02-28T23:59:59.999Z",
    "1999-12-31T23:59:59Z",
  ],
  [
    "2026-03-29T01:30:00+01:00",
    "2026-10-25T02:30:00+02:00",
    "2026-03-08T02:30:00-05:00",
    "2026-01-31T23:30:00-05:00",
    "2026-02-01T00:30:00+02:00",
    "2026-07-31T20:00:00-04:00",
  ],
];

export const DATES: readonly string[] = [
  "2026-01-31",
  "2026-02-28",
  "2024-02-29",
  "2025-12-31",
  "2026-01-01",
  "2026-03-31",
  "2026-06-15",
  "2026-08-31",
  "1999-12-31",
  "2026-03-29",
];

export const FORMATS: Readonly<Record<string, readonly string[]>> = {
  date: DATES,
  time: ["09:30:00Z", "23:59:59Z"],
  email: [`ada-${NONCE}@example.com`, `Grace.Hopper-${NONCE}@Example.COM`, `x+tag-${NONCE}@example.org`],
  uri: ["https://example.com/a", "https://hooks.example.com/in?x=1", "https://EXAMPLE.com/Path/"],
  url: ["https://example.com/a", "https://example.com/b?x=1"],
  "uri-reference": ["/a/b"],
  uuid: ["6f1c2d3e-4b5a-4c7d-8e9f-0a1b2c3d4e5f", "00000000-0000-4000-8000-000000000001"],
  ipv4: ["127.0.0.1"],
  ipv6: ["::1"],
  hostname: ["example.com"],
  duration: ["P1D", "PT1H"],
  byte: ["aGVsbG8=", "AA=="],
};

/** Names whose values some systems hold unique over all accounts. */
export const UNIQUE_NAMES = /(e-?mail|user_?name|login|^slug$|handle|sku|external|reference|^code$)/i;
