export { checkReply, type ReplyToCheck } from "./check-reply.ts";
export type { Finding, FindingKind } from "./finding.ts";
export { type JsonTrap, jsonTraps } from "./json.ts";
export { compileSchema, type SchemaBreach, schemaUri, type Validator, validatorOf } from "./schema.ts";
