import type { LooseReply } from "../../openapi/client/index.ts";

/** What went wrong, as the problem's type names it; the status where there is no problem to read. */
export function problemOf(reply: LooseReply): string {
  if (reply.kind === "unreachable") return "unreachable";
  const { type } = (reply.body ?? {}) as { readonly type?: string };
  return type?.split("/").at(-1) ?? String(reply.status);
}

/** A problem's type, as it stands in a reply. */
export const problemType = (slug: string): string => `https://cutover.example/problems/${slug}`;
