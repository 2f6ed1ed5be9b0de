import { type Schema, text } from "../../lib/schema.ts";

const maxLength = 2048;
const syntax =
  /^(https?):\/\/([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::([1-9][0-9]{0,4}))?(?:\/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$/;
const loopback = /^(localhost|\[::1\]|127(\.(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3})$/i;

/** Whether deliveries may go there: `https`, or `http` to loopback where that is allowed. */
export function isDeliverable(url: string, allowLoopback: boolean): boolean {
  const [, scheme, host = "", port = "0"] = syntax.exec(url) ?? [];
  if (scheme === undefined || Number(port) > 65_535) return false;
  return scheme === "https" || (allowLoopback && loopback.test(host));
}

/** The URL of a webhook, kept as sent. */
export const webhookUrl = (allowLoopback: boolean): Schema<string> => {
  const characters = text(1, maxLength);
  return {
    check(value, at, faults) {
      const url = characters.check(value, at, faults);
      if (url === undefined || isDeliverable(url, allowLoopback)) return url;
      faults.push({ pointer: at, detail: "must be an absolute https URL without userinfo and fragment" });
      return undefined;
    },
  };
};
