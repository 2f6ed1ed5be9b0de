import { compileSchema, type SchemaBreach, type Validator, validatorOf } from "../conformance/index.ts";
import type { LocatedSchema, OperationModel } from "../model/index.ts";
import { replaceAt, valueAt } from "../model/pointer.ts";
import { type Candidate, candidatesFor, type Helpers } from "./candidates.ts";
import { towards } from "./negation.ts";
import { below, isRecord, pin, type Site } from "./pin.ts";
import { discriminators, memberSchema } from "./places.ts";
import { sample, sampleItem } from "./sample.ts";

/** A body that breaks one keyword at one place, and nothing else. */
export interface Violation {
  /** What is broken, in which schema: the same for every item of a list and for every valid body. */
  readonly id: string;
  /** A JSON Schema keyword; or `nul`, `surrogate` for strings that no API here accepts whatever the schema says. */
  readonly keyword: string;
  /** Where an error has to point: at the member itself where one is missing or unknown. */
  readonly pointer: string;
  /** `pointer`, and where else a rule over several members (`not`, `anyOf`, `oneOf`) may point. */
  readonly pointers: readonly string[];
  /** Other keywords of the same place that no value can spare: `pattern` beside a `maxLength` it implies. */
  readonly also: readonly string[];
  readonly body: unknown;
  /** Which keyword, where, and what is sent instead. */
  readonly description: string;
  /** Whether the schema itself rejects the body; false for some `nul` and `surrogate` only. */
  readonly inSchema: boolean;
}

/** A keyword that no body was found to break on its own. */
export interface Uncovered {
  readonly id: string;
  readonly keyword: string;
  readonly pointer: string;
  readonly why: string;
}

export interface Violations {
  readonly violations: readonly Violation[];
  readonly uncovered: readonly Uncovered[];
}

/** Each keyword that applies to a valid body, broken once. Deterministic. */
export function violationsOf(model: OperationModel, schema: LocatedSchema, validBody: unknown): Violations {
  const pinned = pin(model, schema, validBody);
  const breaches = compileSchema(model, pinned.schema, `${schema.file}#${schema.pointer}`);
  const whole = validatorOf(model, schema);
  const violations: Violation[] = [];
  const uncovered: Uncovered[] = [];
  for (const site of pinned.sites) {
    const alone = combinator(site.keyword)
      ? without(model, schema, validBody, site)
      : ({ body, pointer }: Candidate) =>
          breaksAt(breaches(body), site, pointer) && others(breaches(body), site).length === 0;
    const candidates = candidatesFor(site, helpersFor(model, schema, validBody, pinned.sites));
    for (const variant of new Set(candidates.map((candidate) => candidate.variant))) {
      const alike = candidates.filter((candidate) => candidate.variant === variant);
      const broken = alike.filter((candidate) => whole(candidate.body).length > 0);
      const found =
        broken.find(alone) ??
        broken.find((candidate) => breaksAt(breaches(candidate.body), site, candidate.pointer));
      if (found !== undefined) violations.push(describe(site, found, others(breaches(found.body), site)));
      else if (broken.length === 0)
        uncovered.push(unbroken(site, variant, "an alternative accepts every value tried"));
      else uncovered.push(unbroken(site, variant, "no value breaks it alone"));
    }
    if (candidates.length === 0)
      uncovered.push(unbroken(site, site.keyword, "no way to break it is known here"));
  }
  return { violations: [...violations, ...badStrings(whole, pinned.sites, validBody)], uncovered };
}

/** All breaches are at one place, and the keyword is among them. */
function breaksAt(found: readonly SchemaBreach[], site: Site, pointer: string): boolean {
  return (
    found.some((breach) => breach.keyword === site.keyword) &&
    found.every((breach) => breach.pointer === pointer)
  );
}

/** What else is broken at that place. */
function others(found: readonly SchemaBreach[], site: Site): readonly string[] {
  const names = found.map((breach) => breach.keyword).filter((keyword) => keyword !== site.keyword);
  return [...new Set(names)];
}

const combinator = (keyword: string) => keyword === "anyOf" || keyword === "oneOf";

/** A body breaks nothing but a combinator when it passes once that is taken out. */
function without(
  model: OperationModel,
  schema: LocatedSchema,
  valid: unknown,
  site: Site,
): (candidate: Candidate) => boolean {
  let passes: Validator | undefined;
  return ({ body }) => {
    passes ??= compileSchema(
      model,
      pin(model, schema, valid, site).schema,
      `${schema.file}#${schema.pointer}`,
    );
    return passes(body).length === 0;
  };
}

function helpersFor(
  model: OperationModel,
  schema: LocatedSchema,
  body: unknown,
  sites: readonly Site[],
): Helpers {
  return {
    body,
    patternsAt: (pointer) =>
      sites
        .filter((site) => site.pointer === pointer && site.keyword === "pattern")
        .map((site) => new RegExp(String(site.argument), "u")),
    sampleMember: (pointer, name) => {
      const found = memberSchema(model, schema, pointer, name);
      return found === undefined ? "any" : (sample(model, found) ?? "any");
    },
    towardsNot: (site) =>
      towards(model, below(site.schema, "not"), site.value, (name) => {
        const found = memberSchema(model, schema, site.pointer, name);
        return found === undefined ? "any" : (sample(model, found) ?? "any");
      }),
    discriminators: (site) => discriminators(model, site.schema, site.keyword),
    sampleItem: (site, variant) => sampleItem(model, site.schema, variant),
  };
}

function unbroken(site: Site, variant: string, why: string): Uncovered {
  return { id: idOf(site, variant), keyword: variant, pointer: site.pointer, why };
}

function idOf({ pointer, schema }: Site, variant: string): string {
  return `${variant} ${pointer.replace(/\/\d+(?=\/|$)/g, "/*")} ${schema.pointer}`;
}

function describe(site: Site, found: Candidate, also: readonly string[]): Violation {
  const limit = JSON.stringify(site.argument) ?? "";
  const what =
    site.keyword === "false schema" ? "not allowed here" : `${found.variant} ${limit.slice(0, 60)}`;
  const keyword = site.keyword === "false schema" ? "not-allowed" : site.keyword;
  const there = JSON.stringify(valueAt(found.body, found.pointer)) ?? "left out";
  const sent = there.length > 60 ? `${there.slice(0, 60)}… (${there.length} characters)` : there;
  return {
    id: idOf(site, found.variant),
    keyword,
    pointer: found.pointer,
    pointers: [found.pointer, ...(found.elsewhere ?? [])],
    also: combinator(site.keyword) ? [] : also,
    body: found.body,
    description: `${found.pointer || "the body"}: ${what}: ${sent}`,
    inSchema: true,
  };
}

/** NUL and a lone surrogate in every string that may hold any character. */
function badStrings(whole: Validator, sites: readonly Site[], body: unknown): readonly Violation[] {
  const free = new Set(
    sites
      .filter(
        ({ keyword, value, schema }) =>
          keyword === "type" && typeof value === "string" && isFree(schema.value),
      )
      .map((site) => site.pointer),
  );
  return [...free].flatMap((pointer) => {
    const points = [...(valueAt(body, pointer) as string)];
    return (
      [
        ["nul", "\u0000"],
        ["surrogate", "\ud800"],
      ] as const
    ).map(([keyword, bad]) => {
      const broken = replaceAt(body, pointer, [bad, ...points.slice(1)].join(""));
      const description = `${pointer || "the body"}: ${keyword} in a string`;
      const id = `${keyword} ${pointer.replace(/\/\d+(?=\/|$)/g, "/*")}`;
      return {
        id,
        keyword,
        pointer,
        pointers: [pointer],
        also: [],
        body: broken,
        description,
        inSchema: whole(broken).length > 0,
      };
    });
  });
}

/** Nothing else would refuse the character. */
function isFree(schema: unknown): boolean {
  return (
    isRecord(schema) &&
    !["pattern", "enum", "const", "format"].some((keyword) => Object.hasOwn(schema, keyword))
  );
}
