/** Absolute, without userinfo and fragment; the groups are scheme, host and port. */
const syntax =
  /^(https?):\/\/([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::([1-9][0-9]{0,4}))?(?:\/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$/;
const loopback = /^(?:localhost|\[::1\]|127(?:\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})){3})$/i;

/** Whether deliveries may go there: https, or http to this machine where that is allowed. */
export function isDeliverable(text: string, allowLoopback: boolean): boolean {
  const match = syntax.exec(text);
  if (match === null) return false;
  const [, scheme, host = "", port = "443"] = match;
  return Number(port) <= 65_535 && (scheme === "https" || (allowLoopback && loopback.test(host)));
}
