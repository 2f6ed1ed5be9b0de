import { expect, onTestFinished, test } from "vitest";
import { readRun } from "../../gates/evidence/index.ts";
import { TargetError } from "../../gates/exit.ts";
import { probeColdStarts } from "../cold-starts.ts";
import { emptyRun, listening } from "../fixture.ts";

/** A Lambda that lets nobody do what `denied` matches, and tells what it was asked. */
async function lambdaThatDenies(denied: RegExp): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const url = await listening((request, response) => {
    const what = `${request.method} ${request.url?.replace(/\?.*/, "").split("/").at(-1)}`;
    asked.push(what);
    request.resume();
    const refusal = { "content-type": "application/json", "x-amzn-errortype": "AccessDeniedException" };
    if (denied.test(what)) response.writeHead(403, refusal).end('{"Message":"not authorized"}');
    else response.writeHead(200, { "content-type": "application/json" }).end("{}");
  }, onTestFinished);
  return { url, asked };
}

test.each([
  ["lambda:GetFunctionConfiguration", /GET configuration/],
  ["lambda:UpdateFunctionConfiguration and lambda:GetFunction", /PUT configuration/],
])(
  "without the permission that %s takes, nothing is invoked, and the permission is named",
  async (permission, denied) => {
    const { url, asked } = await lambdaThatDenies(denied);
    const run = emptyRun(onTestFinished);
    const probe = probeColdStarts({
      target: "serverless",
      lambda: { endpoint: url, region: "eu-central-1", functions: [{ name: "orders", weight: 1 }] },
      env: { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" },
      samples: 3,
      runDir: run.dir,
      seed: 1,
      secrets: [],
      signal: new AbortController().signal,
    });
    await expect(probe).rejects.toThrow(TargetError);
    await expect(probe).rejects.toThrow(permission);
    await expect(probe).rejects.toThrow("AWS does not let us measure orders");
    run.end();
    expect(asked.filter((what) => what.includes("invocations"))).toEqual([]);
    expect(readRun(run.dir).coldStarts).toEqual([]);
  },
);
