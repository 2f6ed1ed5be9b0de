import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { redactText } from "../../gates/redact.ts";
import type { Broker } from "./settings.ts";

export interface ClientAnswer {
  readonly code: number;
  /** What it printed, without colours and secrets. */
  readonly stdout: string;
  readonly stderr: string;
}

const bin = join(
  dirname(createRequire(import.meta.url).resolve("@pact-foundation/pact-cli/package.json")),
  "bin/pact-broker.js",
);

/** Runs Pact's own `pact-broker` client. */
export function runClient(broker: Broker, args: readonly string[]): Promise<ClientAnswer> {
  const env = {
    ...process.env,
    ...broker.env,
    // Twice is enough to outlast a hiccup; its eight would take two minutes to say no.
    PACT_BROKER_HTTP_RETRIES: process.env.PACT_BROKER_HTTP_RETRIES ?? "2",
    PACT_DO_NOT_TRACK: "true",
    NO_COLOR: "1",
  };
  const clean = (text: string): string =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the client colours its words whatever it is told.
    redactText(text.replace(/\u001b\[[0-9;]*m/g, ""), broker.secrets).trim();
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { env, timeout: 300_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, stdout: clean(stdout), stderr: clean(stderr) });
    });
  });
}
