import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { REDACTED, redact, redactedJson, redactText } from "./redact.ts";

const seed = 20_260_101;
const letters = fc.stringMatching(/^[A-Za-z0-9]{12,40}$/);
/** Text as it stands around secrets; without the letters that would make it part of one. */
const around = fc.stringMatching(/^[ ,;()'"{}\n]{0,6}$/);

/** A secret, and the text it comes in. */
const secretText = fc
  .tuple(
    letters,
    around,
    fc.constantFrom(
      (s: string) => `ck_${s}`,
      (s: string) => `whsec_${s}`,
      (s: string) => `Bearer ${s}`,
      (s: string) => `bearer   ${s}.${s}-_~+/=`,
      (s: string) => `curl -H 'Authorization: Basic ${s}==' https://api.example.com/plans`,
      (s: string) => `-H "authorization: ${s}"`,
      (s: string) => `{"Authorization":"Token ${s}"}`,
      (s: string) => `X-Api-Key: ${s}`,
      (s: string) => `Cookie: session=${s}; theme=dark`,
      (s: string) => `postgres://cutover:${s}@127.0.0.1:5432/db`,
      (s: string) => `https://example.com/x?a=1&access_token=${s}&b=2`,
      (s: string) => `https://example.com/x?X-Amz-Signature=${s}`,
    ),
  )
  .map(([secret, edge, wrap]) => ({ secret, text: edge + wrap(secret) + edge }));

describe("redaction", () => {
  test("no secret survives, wherever in a record it stands", () => {
    fc.assert(
      fc.property(secretText, fc.jsonValue(), fc.nat(4), ({ secret, text }, other, place) => {
        const record = [
          text,
          [other, text],
          { a: { b: text } },
          { [text]: 1 },
          { findings: [{ curl: text, other }] },
        ][place];
        expect(redactedJson(record)).not.toContain(secret);
        expect(JSON.stringify(redact(record))).not.toContain(secret);
      }),
      { seed, numRuns: 1000 },
    );
  });

  test("a value under a name that means a secret is gone whatever it looks like", () => {
    fc.assert(
      fc.property(
        letters,
        fc.constantFrom(
          "authorization",
          "Authorization",
          "api_key",
          "apiKey",
          "X-Api-Key",
          "password",
          "Set-Cookie",
          "secret",
        ),
        (secret, name) => {
          expect(redactedJson({ headers: { [name]: secret } })).not.toContain(secret);
        },
      ),
      { seed },
    );
  });

  test("a secret known by value is gone, also one that JSON escapes", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6 }), (secret) => {
        const clean = JSON.parse(redactedJson({ a: `<${secret}>` }, [secret])) as { a: string };
        expect(clean.a).toBe(redactText(`<${REDACTED}>`));
      }),
      { seed },
    );
  });

  test("redacting twice changes nothing more", () => {
    fc.assert(
      fc.property(secretText, ({ text }) => {
        expect(redactText(redactText(text))).toBe(redactText(text));
      }),
      { seed },
    );
  });

  test("what is no secret stays as it is", () => {
    const plain = {
      id: "inv_3KfVb0aQ",
      url: "http://127.0.0.1:3000/plans?limit=20&cursor=abc",
      header: 'WWW-Authenticate: Bearer realm="cutover"',
      message: "getPlan: got 401, documented 200, 404",
      token: "tok_declined",
      n: [1, null, true, "at 12:30@noon"],
    };
    expect(redact(plain)).toEqual(plain);
    expect(redactedJson(plain)).toBe(JSON.stringify(plain));
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // Only letters of no secret's looks: the pre-check and the walk must then agree with JSON itself.
        const text = JSON.stringify(value);
        if (
          !/auth|bearer|cookie|api|key|secret|passw|token|signature|credential|ck_|whsec_|:\/\//i.test(text)
        ) {
          expect(JSON.stringify(redact(value))).toBe(text);
        }
      }),
      { seed },
    );
  });

  test("a curl command stays a command", () => {
    expect(
      redactText(
        `curl -X POST -H 'Authorization: Bearer ck_abc123' -d '{"name":"x"}' http://127.0.0.1:1/plans`,
      ),
    ).toBe(`curl -X POST -H 'Authorization: ${REDACTED}' -d '{"name":"x"}' http://127.0.0.1:1/plans`);
  });
});
