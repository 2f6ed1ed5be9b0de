import { Logger } from "@aws-lambda-powertools/logger";
import { Tracer } from "@aws-lambda-powertools/tracer";

/** Structured logs; level and service name come from POWERTOOLS_LOG_LEVEL and POWERTOOLS_SERVICE_NAME. */
export const logger = new Logger();

/** X-Ray; switched by POWERTOOLS_TRACE_ENABLED in the template. */
export const tracer = new Tracer();
