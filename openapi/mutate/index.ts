export { bodySchema, bodyViolations, validBodies } from "./bodies.ts";
export { sample } from "./sample.ts";
export { type Uncovered, type Violation, type Violations, violationsOf } from "./violations.ts";
