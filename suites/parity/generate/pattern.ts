import type { Random } from "../random.ts";

/**
 * A text that a regular expression accepts, for what people write in schemas: classes, groups, alternatives,
 * quantifiers. `undefined` for what it does not know (look-around, back references): the caller has examples.
 */
export function textFor(pattern: string, random: Random): string | undefined {
  try {
    return new Sampler(pattern.replace(/^\^/, "").replace(/(?<!\\)\$$/, ""), random).whole();
  } catch {
    return undefined;
  }
}

class Sampler {
  readonly #source: string;
  readonly #random: Random;
  #at = 0;

  constructor(source: string, random: Random) {
    this.#source = source;
    this.#random = random;
  }

  whole(): string {
    const text = this.#alternatives();
    if (this.#at < this.#source.length) throw new Error("not understood");
    return text;
  }

  #peek(): string | undefined {
    return this.#source[this.#at];
  }

  #alternatives(): string {
    const branches = [this.#sequence()];
    while (this.#peek() === "|") {
      this.#at++;
      branches.push(this.#sequence());
    }
    return this.#random.pick(branches) ?? "";
  }

  #sequence(): string {
    let text = "";
    for (let next = this.#peek(); next !== undefined && next !== "|" && next !== ")"; next = this.#peek()) {
      const start = this.#at;
      const once = this.#atom();
      const end = this.#at;
      const [least, most] = this.#quantifier();
      const times = least + this.#random.below(Math.min(most, least + 6) - least + 1);
      const after = this.#at;
      if (times >= 1) text += once;
      for (let n = 1; n < times; n++) {
        this.#at = start;
        text += this.#atom();
        if (this.#at !== end) throw new Error("not understood");
      }
      this.#at = after;
    }
    return text;
  }

  #quantifier(): readonly [number, number] {
    const rest = this.#source.slice(this.#at);
    const braces = /^\{(\d+)(,(\d*))?\}/.exec(rest);
    if (braces !== null) {
      this.#at += braces[0].length;
      const least = Number(braces[1]);
      return [least, braces[2] === undefined ? least : braces[3] === "" ? least + 6 : Number(braces[3])];
    }
    const sign = rest[0];
    if (sign !== "*" && sign !== "+" && sign !== "?") return [1, 1];
    this.#at++;
    if (this.#peek() === "?") this.#at++;
    return sign === "?" ? [0, 1] : [sign === "+" ? 1 : 0, 8];
  }

  #atom(): string {
    const char = this.#source[this.#at++];
    if (char === "(") {
      if (this.#peek() === "?") {
        if (this.#source[this.#at + 1] !== ":") throw new Error("not understood");
        this.#at += 2;
      }
      const text = this.#alternatives();
      if (this.#source[this.#at++] !== ")") throw new Error("not understood");
      return text;
    }
    if (char === "[") return this.#class();
    if (char === ".") return this.#one("abcdefgh xyz019");
    if (char === "\\") return this.#escape(false);
    if (char === undefined || "^$*+?".includes(char)) throw new Error("not understood");
    return char;
  }

  #escape(all: boolean): string {
    const char = this.#source[this.#at++] ?? "";
    const sets: Readonly<Record<string, string>> = { d: "0123456789", w: "abcXYZ019_", s: " " };
    const set = sets[char];
    if (set !== undefined) return all ? set : this.#one(set);
    if (/[bBDWSpPkux1-9]/.test(char)) throw new Error("not understood");
    return { n: "\n", t: "\t", r: "\r" }[char] ?? char;
  }

  #class(): string {
    if (this.#peek() === "^") {
      this.#at++;
      const not = this.#members();
      return this.#one([..."abcdefghijklmnop0123456789 -_"].filter((char) => !not.includes(char)).join(""));
    }
    return this.#one(this.#members());
  }

  #members(): string {
    let set = "";
    while (this.#peek() !== "]") {
      let from = this.#source[this.#at++];
      if (from === undefined) throw new Error("not understood");
      if (from === "\\") from = this.#escape(true);
      if (this.#peek() === "-" && this.#source[this.#at + 1] !== "]" && from.length === 1) {
        this.#at++;
        const to = this.#source[this.#at++] ?? "";
        for (let code = from.charCodeAt(0); code <= to.charCodeAt(0) && set.length < 300; code++)
          set += String.fromCharCode(code);
      } else set += from;
    }
    this.#at++;
    return set;
  }

  #one(set: string): string {
    if (set === "") throw new Error("not understood");
    return set[this.#random.below(set.length)] as string;
  }
}
