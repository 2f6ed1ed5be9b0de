import { Tracer } from "@aws-lambda-powertools/tracer";
import { dynamo } from "./table.ts";

const tracer = new Tracer();
tracer.captureAWSv3Client(dynamo);

/** Runs `work` as a subsegment of the trace, if there is one. */
export async function captured<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (!tracer.isTracingEnabled()) return work();
  return tracer.provider.captureAsyncFunc(name, async (segment) => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Error) segment?.addError(error, false);
      throw error;
    } finally {
      segment?.close();
    }
  }) as Promise<T>;
}
