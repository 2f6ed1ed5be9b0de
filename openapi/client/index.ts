export { type ClientOptions, createClient } from "./client.ts";
export { toCurl } from "./curl.ts";
export { expectStatus, UnexpectedReply } from "./expect.ts";
export { type Answer, httpTransport, type Sent, type SentRequest, type Transport } from "./transport.ts";
export type * from "./types.ts";
