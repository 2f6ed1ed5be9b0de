import { isDeepStrictEqual } from "node:util";
import type { Answer } from "./api.ts";
import { isRecord } from "./match.ts";
import { checkProblem, PROBLEMS, type Slug } from "./problems.ts";

/** Something that holds for every reply, whatever the case asked it for, and did not. */
export interface Observation {
  readonly pointer: string;
  readonly got: unknown;
  readonly wanted: unknown;
}

interface Seen {
  readonly etag: string;
  readonly representation: unknown;
}

/** Members of replies that carry a secret, by the operation that shows it once. */
const SHOWN_ONCE: Readonly<Record<string, string>> = {
  createAccount: "apiKey",
  inviteMember: "apiKey",
  createWebhook: "secret",
};

/**
 * Watches all replies of one case for promises that no single reply shows: an ETag changes exactly when the
 * representation does; a secret is never shown again; a first answer is not marked as a replay; a problem's
 * parts fit each other.
 */
export class Observer {
  readonly #versions = new Map<string, Seen[]>();
  readonly #secrets = new Set<string>();
  readonly #keysSent = new Map<string, number>();

  watch(reply: Answer): readonly Observation[] {
    return [...this.#version(reply), ...this.#secret(reply), ...this.#replay(reply), ...problemParts(reply)];
  }

  #version(reply: Answer): readonly Observation[] {
    const { etag } = reply.headers;
    const representation = mainMember(reply.body);
    if (etag === undefined || representation === undefined) return [];
    const id = String(representation.id);
    const versions = this.#versions.get(id) ?? [];
    this.#versions.set(id, versions);
    const sameTag = versions.find((seen) => seen.etag === etag);
    if (sameTag !== undefined && !isDeepStrictEqual(sameTag.representation, representation))
      return [{ pointer: "header etag", got: `${etag} for two representations`, wanted: "another ETag" }];
    const sameThing = versions.find((seen) => isDeepStrictEqual(seen.representation, representation));
    if (sameThing !== undefined && sameThing.etag !== etag)
      return [{ pointer: "header etag", got: etag, wanted: `${sameThing.etag}, as for the same before` }];
    if (sameTag === undefined) versions.push({ etag, representation });
    return [];
  }

  #secret(reply: Answer): readonly Observation[] {
    const found = [...this.#secrets].find((secret) => reply.text.includes(secret));
    const member = SHOWN_ONCE[reply.operation ?? ""];
    const shown = member !== undefined && isRecord(reply.body) ? reply.body[member] : undefined;
    if (typeof shown === "string" && shown.length >= 16) this.#secrets.add(shown);
    return found === undefined
      ? []
      : [{ pointer: "", got: "a secret shown before, or given twice", wanted: "each secret shown once" }];
  }

  /** Told before a request goes out, so that a replay that overtakes its first answer is none too early. */
  sending(idempotencyKey: string): void {
    this.#keysSent.set(idempotencyKey, (this.#keysSent.get(idempotencyKey) ?? 0) + 1);
  }

  #replay(reply: Answer): readonly Observation[] {
    const marked = reply.headers["idempotency-replayed"];
    const key = reply.request.headers["idempotency-key"];
    if (marked === undefined || (key !== undefined && (this.#keysSent.get(key) ?? 0) > 1)) return [];
    return [{ pointer: "header idempotency-replayed", got: marked, wanted: "nothing: a first answer" }];
  }
}

/** The representation that the ETag is of: the body, or its main member beside others. */
function mainMember(body: unknown): Record<string, unknown> | undefined {
  if (!isRecord(body)) return undefined;
  if (typeof body.id === "string") return body;
  const inner = ["account", "subscription", "webhook"].map((name) => body[name]).find(isRecord);
  return inner !== undefined && typeof inner.id === "string" ? inner : undefined;
}

function problemParts(reply: Answer): readonly Observation[] {
  if (reply.status < 400 || reply.status >= 429) return [];
  const fitting = (Object.keys(PROBLEMS) as Slug[]).filter((slug) => PROBLEMS[slug].status === reply.status);
  // HEAD has no body to look at.
  if (fitting.length === 0 || reply.request.method === "HEAD") return [];
  return checkProblem(reply.body, reply.status, fitting, undefined);
}
