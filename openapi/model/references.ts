import { dirname, resolve as resolvePath } from "node:path";
import { BrokenReference } from "../errors.ts";
import { join, valueAt } from "./pointer.ts";
import { readDocument } from "./read-document.ts";
import type { Document, Located } from "./types.ts";
import { walk } from "./walk.ts";

/** The files read so far, and how to follow a `$ref` from one to another. */
export class DocumentSet {
  readonly files = new Map<string, Document>();

  /** @throws SpecNotFound, SpecUnreadable */
  read(file: string, asSpec: boolean): Document {
    const known = this.files.get(file);
    if (known !== undefined && (known.openapi !== undefined || !asSpec)) return known;
    const document = readDocument(file, asSpec);
    this.files.set(file, document);
    return document;
  }

  /** Reads whatever the document refers to, and holds every `$ref` to its target. */
  complete(document: Document, done = new Set<string>()): void {
    if (done.has(document.file)) return;
    done.add(document.file);
    walk(document.root, (node, pointer) => {
      if (typeof node.$ref !== "string") return;
      const target = this.follow({ file: document.file, pointer, value: node }, node.$ref);
      const next = this.files.get(target.file);
      if (next !== undefined) this.complete(next, done);
    });
  }

  /** The node itself, or what its chain of `$ref`s ends at. */
  resolve(node: Located<unknown>): Located<unknown> {
    let at = node;
    const seen = new Set<string>();
    for (;;) {
      const ref = refOf(at.value);
      if (ref === undefined) return at;
      const key = `${at.file}#${at.pointer}`;
      if (seen.has(key)) throw broken(at, ref, "a circle of references", "a reference that ends at a value");
      seen.add(key);
      at = this.follow(at, ref);
    }
  }

  /** The child of a node under the given names, with its own `$ref` resolved; `undefined` when absent. */
  child(node: Located<unknown>, ...names: readonly (string | number)[]): Located<unknown> | undefined {
    const pointer = join("", ...names);
    const value = valueAt(node.value, pointer);
    if (value === undefined) return undefined;
    return this.resolve({ file: node.file, pointer: node.pointer + pointer, value });
  }

  private follow(from: Located<unknown>, ref: string): Located<unknown> {
    const hash = ref.indexOf("#");
    const path = hash === -1 ? ref : ref.slice(0, hash);
    const fragment = hash === -1 ? "" : ref.slice(hash + 1);
    if (/^[a-z][a-z0-9+.-]+:/i.test(path))
      throw broken(
        from,
        ref,
        "a reference to the network",
        "a file beside this one (bundle the document first)",
      );
    if (fragment !== "" && !fragment.startsWith("/"))
      throw broken(from, ref, "an anchor", "a JSON Pointer behind #, such as #/components/schemas/Plan");
    const file = path === "" ? from.file : resolvePath(dirname(from.file), decode(path));
    const document = this.target(from, ref, file);
    const pointer = decode(fragment);
    const value = valueAt(document.root, pointer);
    if (value === undefined)
      throw broken(from, ref, `nothing at ${pointer} in ${file}`, "a pointer to something");
    return { file, pointer, value };
  }

  private target(from: Located<unknown>, ref: string, file: string): Document {
    try {
      return this.read(file, false);
    } catch (cause) {
      throw broken(
        from,
        ref,
        cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause),
        file,
        cause,
      );
    }
  }
}

export function refOf(value: unknown): string | undefined {
  if (value === null || typeof value !== "object") return undefined;
  const ref = (value as Record<string, unknown>).$ref;
  return typeof ref === "string" ? ref : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function broken(
  from: Located<unknown>,
  ref: string,
  got: string,
  wanted: string,
  cause?: unknown,
): BrokenReference {
  return new BrokenReference(
    {
      what: `A $ref leads nowhere: ${ref}`,
      where: `${from.file}#${from.pointer}`,
      got,
      wanted,
      next: "Mend the reference or add what it names.",
    },
    { cause },
  );
}
