import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ResolvedConfig, ResolvedTarget } from "../../gates/config.ts";
import { MachineError } from "../../gates/exit.ts";
import { ACCESS_LOG, startLocalAws } from "../../targets/local-aws/start.ts";
import { startMonolith } from "../../targets/monolith/start.ts";
import { buildServerless } from "../../targets/serverless/index.ts";
import { readVersion, requireReady } from "./health.ts";
import { requireReceiver } from "./receiver.ts";
import { root } from "./run.ts";

/** A target that answers, however it came to run. */
export interface RunningTarget extends ResolvedTarget {
  readonly url: string;
  readonly version: string | null;
  /** Environment variables through which the AWS SDK reaches it; empty for AWS itself. */
  readonly aws: Readonly<Record<string, string>>;
}

/** Where the bundled systems listen; 0 picks a free port. */
export interface Ports {
  readonly monolith: number;
  readonly serverless: number;
  readonly aws: number;
}

export const freePorts: Ports = { monolith: 0, serverless: 0, aws: 0 };

type Located = Pick<RunningTarget, "url" | "aws"> & Partial<Pick<RunningTarget, "lambda">>;
type OnExit = (close: () => Promise<void> | void) => void;

/** Where `npm run targets` leaves word of the systems it keeps up. */
const notice = join(root, ".cutover", "targets.json");
interface Notice {
  readonly pid: number;
  readonly located: Readonly<Record<string, Located>>;
}

/**
 * Makes every target of the configuration answer: uses its URL, or the bundled system that `npm run targets`
 * keeps up, or starts the bundled system and hands its closing to `onExit`.
 * @throws TargetError (exit 69) when one does not get ready, MachineError (exit 71) when one cannot be started
 */
export async function reachTargets(
  config: ResolvedConfig,
  onExit: OnExit,
  options: { readonly ports?: Ports; readonly reuse?: boolean; readonly say?: (line: string) => void } = {},
): Promise<readonly RunningTarget[]> {
  const { ports = freePorts, reuse = true, say = () => undefined } = options;
  const kept = reuse ? readNotice() : undefined;
  return Promise.all(
    config.targets.map(async (target) => {
      await requireReceiver(target);
      const known = kept?.located[target.bundled ?? ""];
      const located: Located =
        target.url !== undefined
          ? { url: target.url, aws: awsOf(target) }
          : (known ?? (await startBundled(target, config, ports, onExit)));
      const asked = { ...target, ...located };
      await requireReady(asked);
      const running = { ...asked, version: await readVersion(asked) };
      say(`${running.name} is ready at ${running.url} (version ${running.version ?? "unknown"})`);
      return running;
    }),
  );
}

async function startBundled(
  target: ResolvedTarget,
  config: ResolvedConfig,
  ports: Ports,
  onExit: OnExit,
): Promise<Located> {
  try {
    if (target.bundled === "monolith") {
      const databaseUrl = process.env.DATABASE_URL;
      const monolith = await startMonolith({
        port: ports.monolith,
        ...(databaseUrl !== undefined && databaseUrl !== "" && { databaseUrl }),
      });
      onExit(() => monolith.close());
      return { url: monolith.url, aws: {} };
    }
    const built = await buildServerless();
    const aws = await startLocalAws({
      templatePath: built.templatePath,
      parameters: built.parameters,
      gatewayPort: ports.serverless,
      controlPort: ports.aws,
      maxEnvironments: config.environments,
    });
    onExit(() => aws.close());
    return {
      url: aws.gatewayUrl,
      aws: aws.environment,
      lambda: {
        endpoint: aws.endpoints.lambda,
        region: aws.environment.AWS_REGION ?? "us-east-1",
        accessLog: ACCESS_LOG,
        functions: target.lambda?.functions ?? aws.functions.map((name) => ({ name, weight: 1 })),
      },
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const taken = code === "PORT_TAKEN" || code === "EADDRINUSE";
    throw new MachineError(
      {
        what: `The bundled ${target.bundled} system could not be started.`,
        got: (error as Error).message,
        next: taken
          ? "Stop what listens there, or choose another port (npm run targets -- --help)."
          : "npm run doctor tells what this machine lacks.",
      },
      error,
    );
  }
}

/** For a system of the user's: the endpoint it configured, or none, so that the SDK goes to AWS. */
function awsOf(target: ResolvedTarget): Readonly<Record<string, string>> {
  const endpoint = target.lambda?.endpoint;
  return endpoint === undefined ? {} : { AWS_ENDPOINT_URL_LAMBDA: endpoint };
}

/** Leaves word of running bundled systems, so that other commands verify them; taken back by `onExit`. */
export function leaveNotice(targets: readonly RunningTarget[], onExit: OnExit): void {
  const located = Object.fromEntries(
    targets
      .filter((target) => target.bundled !== undefined)
      .map(({ bundled, url, aws, lambda }) => [bundled, { url, aws, ...(lambda && { lambda }) }]),
  );
  mkdirSync(join(root, ".cutover"), { recursive: true });
  writeFileSync(notice, JSON.stringify({ pid: process.pid, located } satisfies Notice));
  onExit(() => rmSync(notice, { force: true }));
}

/** The word left by `npm run targets`, unless its process is gone. */
function readNotice(): Notice | undefined {
  if (!existsSync(notice)) return undefined;
  try {
    const left = JSON.parse(readFileSync(notice, "utf8")) as Notice;
    process.kill(left.pid, 0);
    return left;
  } catch {
    rmSync(notice, { force: true });
    return undefined;
  }
}
