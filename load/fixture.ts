import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRun, type RunOwner } from "../gates/evidence/index.ts";

type OnFinished = (close: () => Promise<void> | void) => void;

/** For tests: a folder that is gone when the test is finished. */
export function temporaryFolder(onFinished: OnFinished): string {
  const folder = mkdtempSync(join(tmpdir(), "cutover-load-"));
  onFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** For tests: an empty run. */
export function emptyRun(onFinished: OnFinished): RunOwner {
  return createRun(temporaryFolder(onFinished), {
    command: "test",
    git: { commit: null, dirty: false },
    seed: 1,
    profile: {
      name: "test",
      label: "test",
      gates: [],
      generator: { latenessP99Ms: 50, eventLoopP99Ms: 100 },
      maxAgeHours: 1,
    },
    targets: [{ name: "server", url: "http://127.0.0.1", role: "candidate" }],
    specs: [],
    tools: {},
    stages: [],
  });
}

/** For tests: a server on a free port of this machine. Resolves to its URL. */
export async function listening(handler: RequestListener, onFinished: OnFinished): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
