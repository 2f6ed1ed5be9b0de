import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleOrder } from "./order.ts";
import { probeOf } from "./payloads.ts";

const counts = (order: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(order, (name) => name)].map(([name, all]) => [name, all.length]));

describe("the order of samples", () => {
  test("follows the weights, with at least one of each", () => {
    const functions = [
      { name: "a", weight: 97 },
      { name: "b", weight: 2 },
      { name: "c", weight: 0.1 },
      { name: "unused", weight: 0 },
    ];
    expect(counts(sampleOrder(functions, 100, 1))).toEqual({ a: 97, b: 2, c: 1 });
  });

  test("is another for another seed, and the same for the same", () => {
    const functions = ["a", "b", "c", "d"].map((name) => ({ name, weight: 1 }));
    expect(sampleOrder(functions, 40, 7)).toEqual(sampleOrder(functions, 40, 7));
    expect(sampleOrder(functions, 40, 7)).not.toEqual(sampleOrder(functions, 40, 8));
  });

  test("has exactly the samples asked for, and shares within one of the ideal beside the minimum", () => {
    const anyFunctions = fc
      .array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 18 })
      .map((weights) => weights.map((weight, index) => ({ name: `f${index}`, weight })));
    fc.assert(
      fc.property(anyFunctions, fc.integer({ min: 0, max: 300 }), fc.nat(), (functions, more, seed) => {
        const samples = functions.length + more;
        const order = sampleOrder(functions, samples, seed);
        expect(order).toHaveLength(samples);
        expect(new Set(order).size).toBe(functions.length);
        const total = functions.reduce((sum, one) => sum + one.weight, 0);
        for (const { name, weight } of functions) {
          expect(counts(order)[name]).toBeLessThanOrEqual(Math.max(1, Math.ceil((samples * weight) / total)));
        }
      }),
      { seed: 20_260_103 },
    );
  });
});

describe("payloads", () => {
  test("are known by logical id, also as CloudFormation names the function", () => {
    const own = probeOf("CatalogQueryFunction");
    expect(own.payload).toMatchObject({
      routeKey: "GET /plans/{planId}",
      rawPath: "/plans/plan_00000000000000000000",
    });
    expect(probeOf("billing-CatalogQueryFunction-Ab12Cd34")).toBe(own);
  });

  test("are an empty object for everything else", () => {
    expect(probeOf("MyCatalogQueryFunctionality")).toEqual({ answers: "result", payload: {} });
  });
});
