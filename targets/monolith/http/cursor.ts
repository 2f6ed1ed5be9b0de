import { createHmac, timingSafeEqual } from "node:crypto";

/** Where a page ended: the sort value of its last item, and that item's id. */
export type Position = readonly [sort: string, id: string];

/** Writes and reads cursors: a position, signed together with the list it belongs to. */
export interface Cursors {
  /** @param list names account, operation and filters; the same list gives the same text */
  encode(list: string, position: Position): string;
  /** The position, or `undefined` when the cursor is not one of ours for this list. */
  decode(list: string, cursor: string): Position | undefined;
}

const macBytes = 16;

export function signedCursors(key: Buffer): Cursors {
  const sign = (list: string, payload: string) =>
    createHmac("sha256", key).update(list).update("\0").update(payload).digest().subarray(0, macBytes);
  return {
    encode(list, position) {
      const payload = JSON.stringify(position);
      return Buffer.concat([sign(list, payload), Buffer.from(payload)]).toString("base64url");
    },
    decode(list, cursor) {
      const bytes = Buffer.from(cursor, "base64url");
      // Buffer skips what is not base64url, so another text could mean the same bytes.
      if (bytes.length <= macBytes || bytes.toString("base64url") !== cursor) return undefined;
      const payload = bytes.subarray(macBytes).toString();
      if (!timingSafeEqual(bytes.subarray(0, macBytes), sign(list, payload))) return undefined;
      return JSON.parse(payload) as Position;
    },
  };
}
