import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient, type LooseCall } from "./client/index.ts";
import { type ReplyToCheck, validatorOf } from "./conformance/index.ts";
import { exampleReply } from "./fixtures/replies.ts";
import { bundledModel, matchOperation, type Operation, responseFor } from "./model/index.ts";
import { bodySchema, bodyViolations, sample, validBodies } from "./mutate/index.ts";

/** The documents play both sides: a server that answers with their examples, and the client that judges it. */
const model = bundledModel();

type Defect = (reply: ReplyToCheck, operation: Operation) => ReplyToCheck;
let defect: Defect = (reply) => reply;

const successOf = (operation: Operation) =>
  Number(operation.responses.find((response) => response.status.startsWith("2"))?.status);

function serve(request: IncomingMessage, text: string, response: ServerResponse): void {
  const operation = matchOperation(model, request.method ?? "", request.url ?? "");
  if (operation === undefined) return void response.writeHead(404).end();
  const held =
    operation.requestBody === undefined ||
    validatorOf(model, bodySchema(model, operation.id))(JSON.parse(text)).length === 0;
  const status = held ? successOf(operation) : 422;
  const documented = responseFor(operation, status);
  const reply = documented === undefined ? undefined : exampleReply(documented, status);
  if (reply === undefined) throw new Error(`${operation.id} ${status} has no example`);
  const broken = defect(reply, operation);
  response.writeHead(broken.status, broken.headers as Record<string, string>).end(broken.text);
}

const server = createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  request.on("end", () => serve(request, text, response));
});
let api = createClient({ baseUrl: "http://127.0.0.1:1", model });
beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  api = createClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, model });
});
afterAll(() => {
  api.close();
  server.close();
});

/** Everything an operation requires, made from its documents. */
function callOf(operation: Operation, body?: unknown): LooseCall {
  const values = (place: string) =>
    Object.fromEntries(
      operation.parameters
        .filter((parameter) => parameter.in === place && parameter.required && parameter.schema !== undefined)
        .map(({ name, schema, examples }) => [
          name,
          String(examples[0]?.value ?? (schema === undefined ? "" : sample(model, schema))),
        ]),
    );
  return { path: values("path"), query: values("query"), headers: values("header"), body };
}

describe.each(model.operations.map((operation) => [operation.id, operation] as const))(
  "%s",
  (id, operation) => {
    const bodies =
      operation.requestBody === undefined ? [undefined] : validBodies(model, id).map((each) => each.value);

    test("is answered as documented for every valid body", async () => {
      defect = (reply) => reply;
      for (const body of bodies)
        expect(await api.send(id, callOf(operation, body))).toMatchObject({
          kind: "documented",
          status: successOf(operation),
        });
    });

    test("is refused as documented for every broken body", async () => {
      defect = (reply) => reply;
      const broken = operation.requestBody === undefined ? [] : bodyViolations(model, id).violations;
      for (const { body, description } of broken.filter((violation) => violation.inSchema))
        expect(await api.send(id, callOf(operation, body)), description).toMatchObject({
          kind: "documented",
          status: 422,
        });
    });

    test.each<[string, string, Defect]>([
      ["another 2xx", "status", (reply) => ({ ...reply, status: 299 })],
      ["a body cut short", "json", (reply) => ({ ...reply, text: reply.text.slice(0, -1) || "{" })],
      [
        "an integer beyond 2^53",
        "json",
        (reply) => ({ ...reply, text: `[${reply.text || 0},9007199254740993]` }),
      ],
      [
        "HTML",
        "content-type",
        (reply) => ({ ...reply, headers: { ...reply.headers, "content-type": "text/html" } }),
      ],
    ])("with %s is undocumented", async (_, kind, break_) => {
      defect = break_;
      const reply = await api.send(id, callOf(operation, bodies[0]));
      // A 204 cannot carry a body: Node drops it, and only the status can be wrong.
      if (successOf(operation) === 204 && kind !== "status") return expect(reply.kind).toBe("documented");
      expect(reply.kind === "undocumented" && reply.findings.map((found) => found.kind)).toContain(kind);
    });
  },
);
