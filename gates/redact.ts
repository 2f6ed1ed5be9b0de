/** Stands where a secret stood. */
export const REDACTED = "[redacted]";

/** Names (letters and digits, lower case) whose value is a secret whatever it looks like. */
const secretNames = new Set([
  "authorization",
  "proxyauthorization",
  "cookie",
  "setcookie",
  "apikey",
  "xapikey",
  "password",
  "secret",
  "clientsecret",
  "secretaccesskey",
  "sessiontoken",
  "xamzsecuritytoken",
  "privatekey",
]);

/** Each finds a secret by its own looks, wherever it stands; group 1, where there is one, is kept. */
const secretTexts: readonly RegExp[] = [
  // A header inside text, as in a curl command: up to the quote or line that ends it.
  /((?:proxy-)?authorization["']?\s*[:=]\s*["']?|x-api-key["']?\s*[:=]\s*["']?|x-amz-security-token["']?\s*[:=]\s*["']?|(?:set-)?cookie["']?\s*:\s*["']?)[^"'\r\n\\]+/gi,
  // A token anywhere, but not the challenge of a WWW-Authenticate header.
  /(\bBearer\s+)(?!(?:realm|error|scope)\s*=)[\w.~+/=-]+/gi,
  // Keys of accounts and members, and secrets of webhooks.
  /(ck_)[\w~+/=-]+(?:\.[\w~+/=-]+)*/g,
  /(whsec_)[\w~+/=-]+(?:\.[\w~+/=-]+)*/g,
  // The password in a URL: all up to the last @ of its authority.
  /([a-z][a-z\d+.-]*:\/\/[^\s/?#:@"']*:)[^\s/?#"']+(?=@)/gi,
  // Secrets in a query.
  /([?&](?:access_token|token|api_key|apikey|key|password|secret|signature|x-amz-signature|x-amz-security-token|x-amz-credential)=)[^&#\s"']+/gi,
];

/** `text` without secrets. `literals` are secrets known by value, such as header values in the configuration. */
export function redactText(text: string, literals: readonly string[] = []): string {
  let clean = text;
  for (const literal of literals) if (literal !== "") clean = clean.replaceAll(literal, REDACTED);
  for (const pattern of secretTexts) clean = clean.replace(pattern, `$1${REDACTED}`);
  return clean;
}

/** A copy of JSON-like data without secrets, in names as well as values. */
export function redact(value: unknown, literals: readonly string[] = []): unknown {
  if (typeof value === "string") return redactText(value, literals);
  if (Array.isArray(value)) return value.map((item) => redact(item, literals));
  if (typeof value !== "object" || value === null) return value;
  // fromEntries defines own properties, so that a key named __proto__ stays data.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const secret = typeof item === "string" && secretNames.has(key.toLowerCase().replace(/[^a-z\d]/g, ""));
      return [redactText(key, literals), secret ? REDACTED : redact(item, literals)];
    }),
  );
}

/** Any text with a secret in it matches this; most evidence does not, and need not be walked. */
const suspicious = /auth|bearer|cookie|api|key|secret|passw|token|signature|credential|ck_|whsec_|:\/\//i;

/** `value` as one line of JSON without secrets. */
export function redactedJson(value: unknown, literals: readonly string[] = []): string {
  const line = JSON.stringify(value);
  const known = literals.some((literal) => line.includes(JSON.stringify(literal).slice(1, -1)));
  return known || suspicious.test(line) ? JSON.stringify(redact(value, literals)) : line;
}
