import type { Difference } from "../result.ts";
import type { Shown } from "./shrink.ts";
import type { Signature } from "./signature.ts";

/** One sentence that says what differs, where, and after what. */
export function titleOf(signature: Signature, { steps }: Shown, differences: readonly Difference[]): string {
  const found =
    differences.find(({ kind, path }) => kind === signature.kind && path === signature.path) ??
    differences[0];
  const before = steps
    .slice(0, -1)
    .filter(({ settle }) => !settle)
    .map(({ operation }) => operation);
  const after = before.length === 0 ? "" : ` after ${before.slice(-3).join(", ")}`;
  return `${signature.operation}${after}: ${what(signature, found)}`;
}

function what({ kind, path }: Signature, found: Difference | undefined): string {
  const place = path === "" ? "the reply" : path.replace(/^header /, "the header ");
  const a = cut(found?.baseline ?? "");
  const b = cut(found?.candidate ?? "");
  switch (kind) {
    case "status":
      return `answers ${b} where the baseline answers ${a}`;
    case "no-answer":
      return `gives no answer (${b})`;
    case "presence":
      return b === "absent"
        ? `${place} is missing`
        : a === "absent"
          ? `${place} is there, which the baseline leaves out`
          : `${place} differs`;
    case "items":
      return `${place === "the reply" ? "the list" : place} holds other things (${b} instead of ${a})`;
    case "order":
      return `${place === "the reply" ? "the list" : place} is in another order`;
    case "reference":
      return `${place} names another thing`;
    case "instant":
      return `${place} is another instant (${b} instead of ${a})`;
    default:
      return `${place} is ${b} instead of ${a}`;
  }
}

const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
