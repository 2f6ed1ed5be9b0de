import type { Fault } from "./fault.ts";

const HOUR = 3_600_000;

/** Another value of the same type, which the schema would accept in place of the right one. */
export function otherValue(right: unknown, fault: Extract<Fault, { kind: "other-value" }>): unknown {
  if (right === undefined) return undefined;
  switch (fault.as) {
    case "enum":
      return fault.values?.find((value) => value !== right) ?? right;
    case "money":
    case "count":
      return (right as number) + (right === Number.MAX_SAFE_INTEGER || right === 10_000 ? -1 : 1);
    case "decimal":
      return String(right).includes(".") ? String(right).split(".")[0] : `${right}.5`;
    case "time":
      return new Date(Date.parse(String(right)) + HOUR).toISOString();
    case "flag":
      return right !== true;
    case "id":
      return `${String(right).slice(0, -1)}${String(right).endsWith("0") ? "1" : "0"}`;
    case "text":
      // Text may have a pattern; turning letters' case round keeps most of them and is still another text.
      return String(right).replace(/[a-z]/i, (letter) =>
        letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
      );
  }
}
