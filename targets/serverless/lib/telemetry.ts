import { Logger } from "@aws-lambda-powertools/logger";
import { Tracer } from "@aws-lambda-powertools/tracer";
import { dynamo } from "./table.ts";

/** Structured logs; level and service name come from POWERTOOLS_LOG_LEVEL and POWERTOOLS_SERVICE_NAME. */
export const logger = new Logger();

/** X-Ray, where POWERTOOLS_TRACE_ENABLED says so. */
const tracer = new Tracer();
tracer.captureAWSv3Client(dynamo);

/** Runs `work` as a subsegment of the trace, if there is one. */
export async function traced<T>(name: string, work: () => Promise<T>): Promise<T> {
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
