import { escapeToken } from "../model/pointer.ts";

/** What well-formed JSON may still hide from whoever reads it with `JSON.parse`. */
export interface JsonTrap {
  readonly pointer: string;
  readonly got: string;
  readonly wanted: string;
}

/**
 * Finds, in well-formed JSON, numbers beyond 2^53−1 (RFC 8259, 6), repeated member names (4) and lone
 * surrogates (8.2): each would be changed or dropped in silence by `JSON.parse`.
 */
export function jsonTraps(text: string): readonly JsonTrap[] {
  const traps: JsonTrap[] = [];
  const path: (string | number)[] = [];
  let at = 0;

  const trap = (got: string, wanted: string): void => {
    const pointer = path.map((name) => `/${escapeToken(name)}`).join("");
    traps.push({ pointer, got: got.length > 60 ? `${got.slice(0, 60)}…` : got, wanted });
  };
  const blanks = (): void => {
    for (let code = text.charCodeAt(at); code === 32 || (code > 8 && code < 14); code = text.charCodeAt(at))
      at++;
  };
  const string = (): string => {
    const start = at;
    at++;
    for (let code = text.charCodeAt(at); code !== 34; code = text.charCodeAt(at)) at += code === 92 ? 2 : 1;
    at++;
    const raw = text.slice(start, at);
    if (!raw.includes("\\")) return raw.slice(1, -1);
    const value = JSON.parse(raw) as string;
    if (!value.isWellFormed()) trap(raw, "no lone surrogate");
    return value;
  };
  const number = (): void => {
    const start = at;
    while (at < text.length && "+-.eE0123456789".includes(text[at] ?? "")) at++;
    const raw = text.slice(start, at);
    if (raw.length > 15 || /[eE]/.test(raw)) {
      if (Math.abs(Number(raw)) > Number.MAX_SAFE_INTEGER) trap(raw, "a number of at most 9007199254740991");
    }
  };
  /** Members or items up to the closing bracket. */
  const inside = (close: number, each: (index: number) => void): void => {
    at++;
    blanks();
    for (let index = 0; text.charCodeAt(at) !== close; index++) {
      each(index);
      blanks();
      if (text.charCodeAt(at) === 44) at++;
      blanks();
    }
    at++;
  };
  const member = (names: Set<string>): void => {
    const name = string();
    path.push(name);
    if (names.has(name)) trap(`the member ${JSON.stringify(name)} again`, "each member once");
    names.add(name);
    blanks();
    at++;
    value();
    path.pop();
  };
  const value = (): void => {
    blanks();
    const code = text.charCodeAt(at);
    if (code === 123) {
      const names = new Set<string>();
      inside(125, () => member(names));
    } else if (code === 91) {
      inside(93, (index) => {
        path.push(index);
        value();
        path.pop();
      });
    } else if (code === 34) string();
    else if (code === 45 || (code > 47 && code < 58)) number();
    else at += code === 102 ? 5 : 4;
  };
  value();
  return traps;
}
