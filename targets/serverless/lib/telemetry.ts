import { Logger } from "@aws-lambda-powertools/logger";

/** Structured logs; level and service name come from POWERTOOLS_LOG_LEVEL and POWERTOOLS_SERVICE_NAME. */
export const logger = new Logger();

/** X-Ray's library is a fifth of the start, so it is loaded, with the function, only where traces are wanted. */
const tracing = process.env.POWERTOOLS_TRACE_ENABLED === "true" ? import("./tracer.ts") : undefined;

/** Runs `work` as a subsegment of the trace, if there is one. */
export async function traced<T>(name: string, work: () => Promise<T>): Promise<T> {
  return tracing === undefined ? work() : (await tracing).captured(name, work);
}
