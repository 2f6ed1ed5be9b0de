import { openDatabase } from "./db/database.ts";
import { migrate } from "./db/migrate.ts";
import { deploymentSecret } from "./db/secret.ts";
import { signedCursors } from "./http/cursor.ts";
import { forgetExpired } from "./http/idempotency.ts";
import { createServer } from "./http/server.ts";
import { finalizeNext } from "./invoices/finalization.ts";
import { startWorker } from "./jobs/worker.ts";
import { operations } from "./operations.ts";
import { readSettings } from "./settings.ts";
import { sourceVersion } from "./version.ts";
import { deliverNext } from "./webhooks/deliver.ts";

/** The monolith as one process. Says `{"ready":true,"url":...}` on standard output once it serves. */
const settings = readSettings(process.env);
await migrate(settings.databaseUrl);
const database = openDatabase(settings.databaseUrl);
await database.warm();
const delivery = startWorker({
  runners: 16, // each may wait two seconds for a receiver that does not answer
  sweepMs: 1000,
  step: () => deliverNext(database, (ms) => setTimeout(delivery.wake, ms).unref()),
});
const finalization = startWorker({
  runners: 3,
  sweepMs: 1000,
  step: async () => {
    const worked = await finalizeNext(database);
    if (worked) delivery.wake();
    return worked;
  },
});
const cleaning = startWorker({
  runners: 1,
  sweepMs: 600_000,
  step: async () => (await forgetExpired(database, new Date())) > 0,
});
const surroundings = {
  cursors: signedCursors(await deploymentSecret(database, "cursor")),
  allowLoopbackWebhooks: settings.allowLoopbackWebhooks,
  wake: { finalization: finalization.wake, delivery: delivery.wake },
};
const server = createServer(operations, database, surroundings, sourceVersion());
const url = await server.listen({ host: settings.host, port: settings.port });

/** How long requests and deliveries under way may take to end. */
const patienceMs = 2500;
let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(0), patienceMs).unref();
  await server.close();
  await Promise.all([finalization.stop(), delivery.stop(), cleaning.stop()]);
  await database.close();
  process.exit(0);
}
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());
if (settings.exitWithStdin) process.stdin.on("close", () => void stop()).resume();

console.log(JSON.stringify({ ready: true, url }));
