import type { RunRecord } from "../../gates/evidence/index.ts";
import { EvidenceUnreadable, UsageError } from "../../gates/exit.ts";
import { ACCOUNT_CONCURRENCY, type Forecast, forecast, measuredOf } from "../../gates/forecast.ts";
import { type FlagValues, text } from "./cli.ts";

/** Forecasts for the steps that the flags name. @throws UsageError for numbers that are none */
export function forecastOf(record: RunRecord, flags: FlagValues): readonly Forecast[] {
  const peak = numberOf(flags, "peak", undefined);
  const concurrency = numberOf(flags, "concurrency", ACCOUNT_CONCURRENCY);
  const shares = (text(flags, "share") ?? "10,50,100")
    .split(",")
    .map((share) => asNumber("share", share, 100));
  const measured = measuredOf(record, concurrency);
  if (!measured) {
    throw new EvidenceUnreadable({
      what: "There is nothing to forecast from.",
      where: record.file.runId,
      got: "a run without cold starts or without a load on its candidate",
      wanted: "both, in one run",
      next: "npm start",
    });
  }
  return shares.map((share) => forecast({ share: share / 100, peak }, measured));
}

function numberOf(flags: FlagValues, name: string, otherwise: number | undefined): number {
  const given = text(flags, name);
  if (given === undefined && otherwise !== undefined) return otherwise;
  return asNumber(name, given ?? "nothing", Number.POSITIVE_INFINITY);
}

function asNumber(name: string, given: string, most: number): number {
  const value = Number(given);
  if (given.trim() !== "" && value > 0 && value <= most) return value;
  throw new UsageError({
    what: "A forecast needs a number here.",
    where: `--${name}`,
    got: given,
    wanted: most === 100 ? "a percentage above 0 and up to 100" : "a number above 0",
    next: "npm run gate -- --forecast --peak 200 --share 10",
  });
}
