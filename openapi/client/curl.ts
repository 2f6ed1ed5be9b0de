import type { SentRequest } from "./transport.ts";

const SECRET = /^(authorization|proxy-authorization|cookie|x-api-key)$/i;

/**
 * The request as a curl command for a POSIX shell, with secrets in headers masked. A body that is no UTF-8
 * goes through base64.
 */
export function toCurl(exchange: { readonly request: SentRequest }): string {
  const { method, url, headers, body } = exchange.request;
  const parts = ["curl", "-i", "-X", method, quote(url)];
  for (const [name, value] of Object.entries(headers))
    parts.push("-H", quote(`${name}: ${mask(name, value)}`));
  if (body === undefined) return parts.join(" ");
  // curl adds a Content-Type of its own to any body.
  if (headers["content-type"] === undefined) parts.push("-H", quote("content-type:"));
  const text = body.toString("utf8");
  if (Buffer.from(text).equals(body) && !text.includes("\0"))
    return [...parts, "--data-raw", quote(text)].join(" ");
  return `echo ${body.toString("base64")} | base64 -d | ${parts.join(" ")} --data-binary @-`;
}

/** The scheme stays: it is often what is wrong. */
function mask(name: string, value: string): string {
  if (!SECRET.test(name)) return value;
  const scheme = /^([A-Za-z]+) +/.exec(value)?.[1];
  return scheme === undefined ? "***" : `${scheme} ***`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
