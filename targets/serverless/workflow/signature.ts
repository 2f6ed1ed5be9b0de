import { createHmac } from "node:crypto";

/**
 * The `Webhook-Signature` header: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`.
 * `body` is the exact text that is sent, and the secret is used as its UTF-8 bytes.
 */
export function webhookSignature(secret: string, unixSeconds: number, body: string): string {
  const mac = createHmac("sha256", secret).update(`${unixSeconds}.${body}`, "utf8").digest("hex");
  return `t=${unixSeconds},v1=${mac}`;
}
