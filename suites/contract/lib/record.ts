import type { Finding } from "../../../gates/evidence/index.ts";
import type { LooseReply } from "../../../openapi/client/index.ts";
import { toCurl } from "../../../openapi/client/index.ts";
import { type OperationModel, operationById, responseFor } from "../../../openapi/model/index.ts";
import type { Answer, Referee } from "./api.ts";
import { show } from "./match.ts";
import { Observer } from "./observe.ts";

/** Ends a part of a case. What it is about is already recorded. */
export class Stop extends Error {
  override readonly name = "Stop";
}

/** A target gave no answer: nothing is proven about what it promises. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** What one case saw: findings, and the cells whose reply was wanted and conformed. */
export class CaseRecord implements Referee {
  readonly findings: Finding[] = [];
  readonly cells = new Set<string>();
  readonly #model: OperationModel;
  readonly #operationId: string;
  readonly #observer = new Observer();

  constructor(model: OperationModel, operationId: string) {
    this.#model = model;
    this.#operationId = operationId;
  }

  sending(idempotencyKey: string): void {
    this.#observer.sending(idempotencyKey);
  }

  judge(reply: LooseReply, wanted: readonly number[]): Answer {
    if (reply.kind === "unreachable")
      throw new Unreachable(`${reply.request.method} ${reply.request.url}: ${describe(reply.cause)}`);
    if (reply.kind === "undocumented")
      for (const broken of reply.findings) this.#add({ ...broken, ...again(reply) });
    if (!wanted.includes(reply.status)) {
      const body = reply.text === "" ? "no body" : show(reply.body ?? reply.text);
      this.difference(reply, "status", `${reply.status}, ${body}`, wanted.join(" or "));
      throw new Stop();
    }
    const answer = reply as Answer;
    if (reply.kind === "documented" && reply.operation !== undefined) {
      const operation = operationById(this.#model, reply.operation);
      this.cells.add(`${operation.id} ${responseFor(operation, reply.status)?.status}`);
    }
    for (const { pointer, got, wanted: should } of this.#observer.watch(answer))
      this.difference(answer, pointer, show(got), show(should));
    return answer;
  }

  /** Something that differs, in a reply or in what several of them tell. */
  difference(reply: LooseReply | undefined, pointer: string, got: string, wanted: string): void {
    const operation = reply?.operation ?? (reply ? "no operation" : this.#operationId);
    const status = reply !== undefined && "status" in reply ? ` ${reply.status}` : "";
    const message = `${operation}${status} ${pointer}: got ${got}, wanted ${wanted}`;
    this.#add({ operation, pointer, got, wanted, message, ...(reply && again(reply)) });
  }

  #add({ operation, pointer, got, wanted, message, curl }: Finding): void {
    // One cause tends to show a hundred times; the first of a kind tells all.
    if (this.findings.some((known) => known.message === message)) return;
    this.findings.push({
      operation,
      got,
      wanted,
      message,
      ...(pointer && { pointer }),
      ...(curl && { curl }),
    });
  }
}

/** Long bodies are cut: nobody pastes 256 KiB. */
function again(reply: LooseReply): { readonly curl: string } {
  const curl = toCurl(reply);
  return { curl: curl.length > 4_000 ? `${curl.slice(0, 4_000)}… (cut)` : curl };
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
