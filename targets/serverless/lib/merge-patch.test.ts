import fc from "fast-check";
import { expect, test } from "vitest";
import { applyPatch } from "./merge-patch.ts";
import { Problem } from "./problem.ts";
import { object, oneOf, type Schema, text, variants } from "./schema.ts";

const address = object({ city: text(1, 9), street: text(1, 9) }, { floor: text(1, 9) });
const shape = variants("kind", {
  circle: object({ kind: oneOf(["circle"]), radius: text(1, 9) }),
  square: object({ kind: oneOf(["square"]), side: text(1, 9) }),
});
const schema = object({ name: text(1, 9) }, { address, shape });
const current = {
  name: "a",
  address: { city: "c", street: "s", floor: "1" },
  shape: { kind: "circle", radius: "1" },
} as const;

const pointers = (patch: unknown, of: Schema<object> = schema, from: object = current): unknown => {
  try {
    applyPatch(of, from, patch);
  } catch (error) {
    if (error instanceof Problem)
      return error.body.errors?.map((e) => ("pointer" in e ? e.pointer : e)).sort();
    throw error;
  }
  return [];
};

test("unnamed members stay, objects merge, null removes", () => {
  expect(applyPatch(schema, current, { address: { floor: null, city: "d" } })).toEqual({
    ...current,
    address: { city: "d", street: "s" },
  });
  expect(applyPatch(schema, current, { address: null, shape: null })).toEqual({ name: "a" });
});

test("what results is what counts", () => {
  expect(applyPatch(schema, current, { shape: { kind: "square", side: "2", radius: null } }).shape).toEqual({
    kind: "square",
    side: "2",
  });
  expect(pointers({ shape: { kind: "square" } })).toEqual(["/shape/radius", "/shape/side"]);
  expect(pointers({ address: { floor: "2" } }, schema, { name: "a" })).toEqual([
    "/address/city",
    "/address/street",
  ]);
});

test("every bad member of the patch is pointed at", () => {
  expect(pointers({ name: null, nick: null, address: { city: null, x: 1, street: "" }, "a/b~": 1 })).toEqual([
    "/address/city",
    "/address/street",
    "/address/x",
    "/a~1b~0",
    "/name",
    "/nick",
  ]);
  for (const patch of [null, [], "text", 1]) expect(pointers(patch)).toEqual([""]);
  expect(pointers({ address: [] })).toEqual(["/address"]);
  expect(pointers(JSON.parse('{"__proto__": {"name": "x"}}'))).toEqual(["/__proto__"]);
});

test("no depth of nesting exhausts the stack", () => {
  const deep = JSON.parse(`${'{"address":'.repeat(50_000)}1${"}".repeat(50_000)}`);
  expect(pointers(deep)).toEqual(["/address/address"]);
});

/** RFC 7396, section 2, word for word. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result = { ...(typeof target === "object" && !Array.isArray(target) ? target : {}) } as Record<
    string,
    unknown
  >;
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}

test("valid patches do what the RFC says", () => {
  const word = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom("a", "b", "é") });
  const patchOf = (optional: readonly string[], required: readonly string[]) =>
    fc.record(
      Object.fromEntries([
        ...optional.map((name) => [name, fc.option(word)] as const),
        ...required.map((name) => [name, word] as const),
      ]),
      { requiredKeys: [] },
    );
  const patch = fc.record(
    { name: word, address: fc.option(patchOf(["floor"], ["city", "street"])) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(patch, { maxLength: 4 }), (patches) => {
      let [ours, rfcs]: [unknown, unknown] = [current, current];
      for (const each of patches) {
        rfcs = mergePatch(rfcs, each);
        try {
          ours = applyPatch(schema, ours as typeof current, each);
        } catch {
          return; // an address that would lack a part
        }
        expect(ours).toEqual(rfcs);
      }
    }),
  );
});
