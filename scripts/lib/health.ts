import { request } from "node:http";
import { request as requestTls } from "node:https";
import { TargetError } from "../../gates/exit.ts";

/** Where to ask a system whether it is ready and which version it is. */
export interface Asked {
  readonly name: string;
  readonly url: string;
  readonly healthPath: string;
  readonly versionPath: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Asks a target whether it is ready.
 * @throws TargetError (exit 69) that tells a refused connection, silence, a reply that is no HTTP and a
 *   status other than 2xx apart
 */
export async function requireReady(target: Asked, timeoutMs = 10_000): Promise<void> {
  const url = `${target.url}${target.healthPath}`;
  const { status } = await ask(target, url, timeoutMs);
  if (status >= 200 && status < 300) return;
  throw new TargetError({
    what: `Target ${target.name} is not ready.`,
    where: url,
    got: `HTTP ${status}`,
    wanted: "2xx",
    next: `Start it, or set targets.${target.name}.healthPath in cutover.config.ts to a path that answers 2xx when it is ready.`,
  });
}

/** The `version` of the JSON that the version path answers with; null when it tells none. */
export async function readVersion(target: Asked, timeoutMs = 10_000): Promise<string | null> {
  const { status, body } = await ask(target, `${target.url}${target.versionPath}`, timeoutMs);
  if (status < 200 || status >= 300) return null;
  try {
    const { version } = JSON.parse(body) as { version?: unknown };
    return typeof version === "string" ? version : null;
  } catch {
    return null;
  }
}

function ask(target: Asked, url: string, timeoutMs: number): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const fail = (got: string, next: string, cause?: unknown): void =>
      reject(
        new TargetError(
          {
            what: `Target ${target.name} cannot be reached.`,
            where: url,
            got,
            wanted: "an HTTP answer",
            next,
          },
          cause,
        ),
      );
    const send = url.startsWith("https:") ? requestTls : request;
    const sent = send(url, { headers: target.headers, agent: false }, (reply) => {
      let body = "";
      reply.setEncoding("utf8");
      reply.on("data", (chunk: string) => {
        // Whatever answers megabytes here is no health endpoint.
        if (body.length < 65_536) body += chunk;
      });
      reply.on("end", () => {
        clearTimeout(deadline);
        resolve({ status: reply.statusCode ?? 0, body });
      });
    });
    const deadline = setTimeout(() => {
      sent.destroy();
      fail(
        `nothing within ${timeoutMs / 1000} s`,
        "Check that the system is not overloaded or stuck, and that this is its address.",
      );
    }, timeoutMs);
    sent.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(deadline);
      fail(...explain(error), error);
    });
    sent.end();
  });
}

function explain(error: NodeJS.ErrnoException): [got: string, next: string] {
  const code = error.code ?? error.message;
  if (code === "ECONNREFUSED") return ["connection refused", "Start the system, or correct its URL."];
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return ["a host name that cannot be resolved", "Correct the host in its URL."];
  if (code.startsWith("HPE_"))
    return ["an answer that is not HTTP", "Correct the port: something else listens there."];
  if (code === "ECONNRESET")
    return ["a connection closed without an HTTP answer", "Correct the port, or http against https."];
  if (/SSL|TLS|CERT|EPROTO/.test(code))
    return [`a TLS failure (${code})`, "Check https against http, and the certificate."];
  return [code, "Check the URL and the network."];
}
