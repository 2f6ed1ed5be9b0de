import { join } from "node:path";
import { bundle } from "./build.ts";

/** What deploying the reference system takes. */
export interface BuiltServerless {
  /** A SAM template whose functions are built. */
  readonly templatePath: string;
  /** What `GET /health` will answer. */
  readonly version: string;
  /** Values of the template's parameters for a deployment on one machine. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Bundles the functions if their sources have changed. Whoever has AWS, or a machine that plays it, deploys them. */
export async function buildServerless(): Promise<BuiltServerless> {
  const version = await bundle();
  return {
    templatePath: join(import.meta.dirname, "template.yaml"),
    version,
    parameters: { Version: version, AllowLoopbackWebhooks: "true", Tracing: "PassThrough" },
  };
}
