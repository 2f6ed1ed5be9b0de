import { openDatabase } from "./db/database.ts";
import { migrate } from "./db/migrate.ts";
import { deploymentSecret } from "./db/secret.ts";
import { signedCursors } from "./http/cursor.ts";
import { createServer } from "./http/server.ts";
import { operations } from "./operations.ts";
import { readSettings } from "./settings.ts";
import { sourceVersion } from "./version.ts";

/** The monolith as one process. Says `{"ready":true,"url":...}` on standard output once it serves. */
const settings = readSettings(process.env);
await migrate(settings.databaseUrl);
const database = openDatabase(settings.databaseUrl);
const surroundings = {
  cursors: signedCursors(await deploymentSecret(database, "cursor")),
  allowLoopbackWebhooks: settings.allowLoopbackWebhooks,
  wake: { finalization: () => undefined, delivery: () => undefined },
};
const server = createServer(operations, database, surroundings, sourceVersion());
const url = await server.listen({ host: settings.host, port: settings.port });

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await server.close();
  await database.close();
  process.exit(0);
}
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());
if (settings.exitWithStdin) process.stdin.on("close", () => void stop()).resume();

console.log(JSON.stringify({ ready: true, url }));
