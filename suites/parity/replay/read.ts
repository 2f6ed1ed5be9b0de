import { readFileSync } from "node:fs";
import { UsageError } from "../../../gates/exit.ts";
import { isRecord } from "../../../openapi/mutate/pin.ts";
import { readJson } from "../engine/http.ts";

/** One recorded request, and what was answered to it where that is known. */
export interface Recorded {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly reply: { readonly headers: Readonly<Record<string, string>>; readonly body: unknown } | undefined;
}

/**
 * Reads recorded traffic: HAR 1.2, or NDJSON with one request a line
 * (`{"method","url","headers"?,"body"?,"response"?: {"headers"?,"body"?}}`).
 * @throws UsageError (exit 64) that names the line
 */
export function readTraffic(path: string): readonly Recorded[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(
      {
        what: "The recorded traffic cannot be read.",
        where: path,
        got: (error as Error).message,
        wanted: "a HAR file, or NDJSON of requests",
      },
      error,
    );
  }
  const whole = readJson(text);
  if (isRecord(whole) && isRecord(whole.log) && Array.isArray(whole.log.entries))
    return whole.log.entries.map((entry, index) => fromHar(entry, `${path}, entry ${index}`));
  return text
    .split("\n")
    .flatMap((line, index) => (line.trim() === "" ? [] : [fromLine(readJson(line), `${path}:${index + 1}`)]));
}

function fromHar(entry: unknown, where: string): Recorded {
  const request = isRecord(entry) ? entry.request : undefined;
  const response = isRecord(entry) ? entry.response : undefined;
  if (!isRecord(request) || typeof request.url !== "string" || typeof request.method !== "string")
    throw unusable(where, "no request with a method and a url");
  const posted = isRecord(request.postData) ? request.postData.text : undefined;
  const content = isRecord(response) && isRecord(response.content) ? response.content : {};
  const encoded =
    typeof content.text === "string"
      ? content.encoding === "base64"
        ? Buffer.from(content.text, "base64").toString("utf8")
        : content.text
      : undefined;
  return {
    method: request.method.toUpperCase(),
    url: pathOf(request.url),
    headers: headersOf(request.headers),
    body: typeof posted === "string" && posted !== "" ? posted : undefined,
    reply: isRecord(response)
      ? { headers: headersOf(response.headers), body: encoded === undefined ? undefined : readJson(encoded) }
      : undefined,
  };
}

function fromLine(value: unknown, where: string): Recorded {
  if (!isRecord(value) || typeof value.method !== "string" || typeof value.url !== "string")
    throw unusable(where, "no object with a method and a url");
  const { response } = value;
  const body =
    value.body === undefined || value.body === null
      ? undefined
      : typeof value.body === "string"
        ? value.body
        : JSON.stringify(value.body);
  const reply = isRecord(response)
    ? {
        headers: headersOf(response.headers),
        body: typeof response.body === "string" ? readJson(response.body) : response.body,
      }
    : undefined;
  return {
    method: value.method.toUpperCase(),
    url: pathOf(value.url),
    headers: headersOf(value.headers),
    body,
    reply,
  };
}

function unusable(where: string, got: string): UsageError {
  return new UsageError({
    what: "A record of the traffic makes no sense.",
    where,
    got,
    wanted: "HAR 1.2, or a line of JSON with `method` and `url`",
  });
}

function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?#]+/i, "").replace(/#.*$/, "") || "/";
}

/** HAR lists them, NDJSON has an object. */
function headersOf(headers: unknown): Readonly<Record<string, string>> {
  const pairs = Array.isArray(headers)
    ? headers.flatMap((each) => (isRecord(each) ? [[String(each.name), String(each.value)] as const] : []))
    : isRecord(headers)
      ? Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
      : [];
  return Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]));
}
