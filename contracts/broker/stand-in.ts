import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * As much of a Pact Broker's API as its clients need, kept in memory, for tests. It proves that we and the clients
 * talk to each other. It has no selection logic: every pact is chosen for verification, and the newest result of a
 * version decides.
 */
export interface StandIn {
  readonly url: string;
  /** What it was asked, as "POST /contracts/publish". */
  readonly asked: readonly string[];
  readonly bodies: readonly unknown[];
  readonly pacts: Map<
    string,
    { readonly content: Record<string, unknown>; readonly version: string; pending: boolean }
  >;
  /** Provider version → consumer → success. */
  readonly results: Map<string, Map<string, boolean>>;
  readonly branches: Map<string, string>;
  readonly deployments: readonly string[];
  close(): Promise<void>;
}

export async function startStandIn(
  options: { readonly token?: string; readonly answer?: string; readonly refuse?: string } = {},
): Promise<StandIn> {
  const asked: string[] = [];
  const bodies: unknown[] = [];
  const pacts: StandIn["pacts"] = new Map();
  const results: StandIn["results"] = new Map();
  const branches: StandIn["branches"] = new Map();
  const deployments: string[] = [];
  let url = "";
  const link = (path: string): { href: string } => ({ href: `${url}${path}` });

  const handle = (
    method: string,
    path: string,
    query: URLSearchParams,
    body: Record<string, unknown>,
  ): unknown => {
    const [, first, name = "", third, ...rest] = path.split("/").map(decodeURIComponent);
    if (path === "/")
      return {
        _links: {
          "pb:publish-contracts": link("/contracts/publish"),
          "pb:provider-pacts-for-verification": link("/for-verification/{provider}"),
          "pb:pacticipant": link("/pacticipants/{pacticipant}"),
          "pb:pacticipant-version": link("/pacticipants/{pacticipant}/versions/{version}"),
          "pb:environments": link("/environments"),
        },
      };
    if (path === "/contracts/publish") {
      const { pacticipantVersionNumber, contracts } = body as {
        readonly pacticipantVersionNumber: string;
        readonly contracts: readonly { readonly consumerName: string; readonly content: string }[];
      };
      for (const { consumerName, content } of contracts)
        pacts.set(consumerName, {
          content: JSON.parse(Buffer.from(content, "base64").toString("utf8")) as Record<string, unknown>,
          version: pacticipantVersionNumber,
          pending: false,
        });
      return { notices: [{ type: "success", text: "taken" }], _embedded: {}, _links: {} };
    }
    if (first === "for-verification")
      return {
        _embedded: {
          pacts: [...pacts].map(([consumer, { pending }]) => ({
            verificationProperties: { pending, notices: [] },
            _links: { self: link(`/pacts/${consumer}`) },
          })),
        },
      };
    if (first === "pacts" && third === undefined) {
      const pact = pacts.get(name);
      return (
        pact && {
          ...pact.content,
          _links: {
            "pb:consumer-version": {
              ...link(`/pacticipants/${name}/versions/${pact.version}`),
              name: pact.version,
            },
            "pb:publish-verification-results": link(`/pacts/${name}/results`),
          },
        }
      );
    }
    if (first === "pacts" && third === "results") {
      const { providerApplicationVersion, success } = body as {
        readonly providerApplicationVersion: string;
        readonly success: boolean;
      };
      const own = results.get(providerApplicationVersion) ?? new Map<string, boolean>();
      results.set(providerApplicationVersion, own.set(name, success));
      return { success };
    }
    if (first === "pacticipants" && third === undefined)
      return {
        name,
        _links: { "pb:branch-version": link(`/pacticipants/${name}/branches/{branch}/versions/{version}`) },
      };
    if (first === "pacticipants" && third === "branches" && method === "PUT") {
      branches.set(rest[2] ?? "", rest[0] ?? "");
      return {};
    }
    if (first === "pacticipants" && third === "versions") {
      const version = rest[0] ?? "";
      if (!results.has(version)) return undefined;
      const record = { ...link(`/record/${version}`), name: "production" };
      return { number: version, _links: { "pb:record-deployment": [record] } };
    }
    if (first === "environments")
      return {
        _embedded: {
          environments: [
            { uuid: "1", name: "production", production: true, _links: { self: link("/environments/1") } },
          ],
        },
        _links: { "pb:environments": [{ ...link("/environments/1"), name: "production" }] },
      };
    if (first === "record") {
      deployments.push(`${name} as ${String(body.applicationInstance ?? body.target)}`);
      return { uuid: "2", applicationInstance: body.applicationInstance };
    }
    if (first === "matrix") return matrix(query.get("q[][version]") ?? "");
    return undefined;
  };

  const matrix = (version: string): unknown => {
    const own = results.get(version);
    const all = [...pacts.keys()];
    const failed = all.filter((consumer) => own?.get(consumer) === false).length;
    const unknown = all.filter((consumer) => own?.get(consumer) === undefined).length;
    const deployable = unknown > 0 ? null : failed === 0;
    const reason = deployable
      ? "All required verification results are published and successful"
      : failed > 0
        ? `${failed} failed`
        : `${unknown} unknown`;
    return {
      summary: { deployable, reason, success: all.length - failed - unknown, failed, unknown },
      notices: [{ type: deployable ? "success" : "error", text: reason }],
      matrix: [],
    };
  };

  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://broker");
    asked.push(`${request.method} ${pathname}`);
    bodies.push(body);
    const send = (status: number, answer: unknown): void => {
      response.writeHead(status, { "content-type": "application/hal+json" });
      response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
    };
    if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`)
      return send(401, { error: "who are you" });
    if (options.answer !== undefined) return send(200, options.answer);
    if (options.refuse !== undefined && pathname.startsWith(options.refuse))
      return send(409, { errors: { contracts: ["refused"] } });
    const found = handle(request.method ?? "GET", pathname, searchParams, body as Record<string, unknown>);
    return found === undefined ? send(404, { error: "not found" }) : send(200, found);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ url, asked, bodies, pacts, results, branches, deployments },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : JSON.parse(text);
}
