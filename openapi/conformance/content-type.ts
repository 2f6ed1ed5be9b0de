import type { Media, Response } from "../model/index.ts";
import type { FindingParts } from "./finding.ts";

/** The documented media type of a reply, and what is wrong with the one it names (OpenAPI 3.1, 4.8.14). */
export function checkContentType(
  response: Response,
  header: string | undefined,
): { readonly media: Media | undefined; readonly findings: readonly FindingParts[] } {
  const wanted = response.media.map((media) => media.type).join(" or ");
  const kind = "content-type" as const;
  if (header === undefined)
    return { media: undefined, findings: [{ kind, pointer: "header content-type", got: "nothing", wanted }] };
  const media = mediaFor(response.media, essence(header));
  if (media === undefined)
    return { media, findings: [{ kind, pointer: "header content-type", got: header, wanted }] };
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(header)?.[1];
  if (charset === undefined || charset.toLowerCase() === "utf-8" || !isJson(media.type))
    return { media, findings: [] };
  // RFC 8259, 8.1: JSON is UTF-8.
  return {
    media,
    findings: [{ kind, pointer: "header content-type", got: header, wanted: `${wanted} in UTF-8` }],
  };
}

/** `application/json`, `application/problem+json` and the like. */
export function isJson(type: string): boolean {
  return /[/+]json$/.test(essence(type));
}

/** The media type without parameters, in lower case. */
export function essence(type: string): string {
  return (type.split(";")[0] ?? "").trim().toLowerCase();
}

/** Exact first, then the ranges. */
function mediaFor(all: readonly Media[], type: string): Media | undefined {
  const ranges = [type, `${type.split("/")[0]}/*`, "*/*"];
  for (const range of ranges) {
    const found = all.find((media) => essence(media.type) === range);
    if (found !== undefined) return found;
  }
  return undefined;
}
