import { toCurl } from "./curl.ts";
import type { LooseReply } from "./types.ts";

/** A reply was not the one that was asked for. */
export class UnexpectedReply extends Error {
  override readonly name = "UnexpectedReply";
  readonly reply: LooseReply;
  constructor(message: string, reply: LooseReply) {
    super(message);
    this.reply = reply;
  }
}

type WithStatus<R, Status> = R extends { readonly kind: "documented"; readonly status: infer S }
  ? Status extends S
    ? R & { readonly status: Status }
    : never
  : never;

/**
 * The reply, when it is documented and has this status.
 * @throws UnexpectedReply, which says what came instead, and how to ask again by curl
 */
export function expectStatus<R extends LooseReply, const Status extends number>(
  reply: R,
  status: Status & (R extends { readonly kind: "documented"; readonly status: infer S } ? S : never),
): WithStatus<R, Status> {
  if (reply.kind === "documented" && reply.status === status)
    return reply as unknown as WithStatus<R, Status>;
  throw new UnexpectedReply(describe(reply, status), reply);
}

function describe(reply: LooseReply, status: number): string {
  const who = reply.operation ?? `${reply.request.method} ${reply.request.url}`;
  const again = `\n  again: ${toCurl(reply)}`;
  if (reply.kind === "unreachable")
    return `${who}: no reply, wanted ${status}: ${String(reply.cause)}${again}`;
  const broken =
    reply.kind === "undocumented" ? reply.findings.map((found) => `\n  ${found.message}`).join("") : "";
  const body = reply.text.length > 600 ? `${reply.text.slice(0, 600)}…` : reply.text;
  return `${who}: got ${reply.status}, wanted ${status}${broken}\n  body:  ${body}${again}`;
}
