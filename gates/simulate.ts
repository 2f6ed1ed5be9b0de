import type { ColdStart, LoadRequest, RunRecord } from "./evidence/index.ts";

/** Draws from the samples of clean runs, so that thousands of runs can be judged that nobody had to wait for. */
export function simulator(runs: readonly RunRecord[], random: () => number): () => RunRecord {
  const requests = Map.groupBy(
    runs.flatMap((run) => run.requests),
    (request) => `${request.target} ${request.endpoint}`,
  );
  const coldStarts = Map.groupBy(
    runs.flatMap((run) => run.coldStarts),
    (sample) => `${sample.target} ${sample.function} ${sample.population}`,
  );
  const anyOf = <T>(samples: readonly T[] | undefined, otherwise: T): T =>
    samples?.[Math.floor(random() * samples.length)] ?? otherwise;
  let next = 0;
  return () => {
    // The shape of a real run: its schedule, stages and versions. Only what came of each request is drawn.
    const shape = runs[next++ % runs.length];
    if (!shape) throw new RangeError("It takes at least one run to draw from.");
    return {
      ...shape,
      requests: shape.requests.map((request) =>
        redrawn(request, anyOf(requests.get(`${request.target} ${request.endpoint}`), request)),
      ),
      coldStarts: shape.coldStarts.map((sample): ColdStart => {
        const { clientMs, initMs, classification } = anyOf(
          coldStarts.get(`${sample.target} ${sample.function} ${sample.population}`),
          sample,
        );
        return { ...sample, clientMs, classification, ...(initMs !== undefined && { initMs }) };
      }),
    };
  };
}

/** `request` with what came of `drawn`, at its own time. */
function redrawn(request: LoadRequest, drawn: LoadRequest): LoadRequest {
  const later = request.dueMs - drawn.dueMs;
  return {
    ...request,
    sentMs: drawn.sentMs + later,
    doneMs: drawn.doneMs + later,
    reply: drawn.reply,
    outcome: drawn.outcome,
  };
}
