import { once } from "node:events";
import { createServer } from "node:net";
import type { ResolvedTarget } from "../../gates/config.ts";
import { MachineError } from "../../gates/exit.ts";

/**
 * Tries whether a receiver of webhooks can listen where the configuration wants it, before anything is measured.
 * @throws MachineError (exit 71) when the address is not this machine's or the port is taken
 */
export async function requireReceiver({
  name,
  webhookReceiver: { host, port },
}: Pick<ResolvedTarget, "name" | "webhookReceiver">): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new MachineError(
      {
        what: `The receiver of ${name}'s webhooks cannot listen.`,
        where: `cutover.config.ts: targets.${name}.webhookReceiver`,
        got: `${host}:${port}: ${code === "EADDRINUSE" ? "taken" : (error as Error).message}`,
        wanted: "an address of this machine and a free port (0: any)",
        next: "Stop what listens there, or choose another port.",
      },
      error,
    );
  }
  server.close();
  await once(server, "close");
}
