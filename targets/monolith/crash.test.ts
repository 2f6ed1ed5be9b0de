import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Postgres, startPostgres } from "./postgres/cluster.ts";
import { startMonolith } from "./start.ts";
import { clientOf, finalized, newAccount, until } from "./testing/client.ts";
import { connect, somebodyWaits } from "./testing/database.ts";
import { startReceiver } from "./testing/receiver.ts";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

test("killed in the middle of a finalization, it bills once after a restart", async ({ onTestFinished }) => {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const first = await startMonolith({ databaseUrl: postgres.url });
  onTestFinished(() => first.close());
  const call = await newAccount(first.url, 0);
  await call("POST", "/webhooks", { url: receiver.url, events: ["invoice.finalized"] });
  const plan = { name: "API", interval: "month", meter: "m", pricing: { model: "per_unit", unitPrice: "1" } };
  const { body } = await call("POST", "/plans", plan);
  const { body: subscription } = await call("POST", "/subscriptions", { planId: body.id });
  const event = {
    subscriptionId: subscription.id,
    meter: "m",
    quantity: "5",
    occurredAt: subscription.startsAt,
  };
  await call("POST", "/usage/events", { ...event, eventId: "e" });
  const { body: draft } = await call("POST", "/invoices", { subscriptionId: subscription.id });

  const db = await connect(postgres.url);
  // The number comes last: whoever waits for it has rated and claimed already, and not committed.
  await db.query("INSERT INTO invoice_counters (account_id, last_number) VALUES ($1, 41)", [call.accountId]);
  await db.query("BEGIN");
  await db.query("SELECT 1 FROM invoice_counters WHERE account_id = $1 FOR UPDATE", [call.accountId]);
  expect((await call("POST", `/invoices/${draft.id}/finalize`)).status).toBe(202);
  await somebodyWaits(db);
  process.kill(first.pid, "SIGKILL");
  await db.query("COMMIT");

  const second = await startMonolith({ databaseUrl: postgres.url });
  onTestFinished(() => second.close());
  const again = clientOf(second.url, call.accountId, call.apiKey);
  const { body: invoice } = await finalized(again, draft.id);
  expect(invoice).toMatchObject({ status: "open", number: 42, total: 500, lines: [{ quantity: "5" }] });
  await until(
    () => Promise.resolve(receiver.arrivals.length),
    (heard) => heard > 0,
  );
  expect(new Set(receiver.arrivals.map(({ text }) => JSON.parse(text).id)).size).toBe(1);
  expect((await db.query("SELECT 1 FROM finalization_jobs")).rowCount).toBe(0);
});

test("a job that fails is tried again", async ({ onTestFinished }) => {
  const monolith = await startMonolith({ databaseUrl: postgres.url });
  onTestFinished(() => monolith.close());
  const call = await newAccount(monolith.url, 0);
  const plan = { name: "Seat", interval: "month", pricing: { model: "flat", amount: 100 } };
  const { body } = await call("POST", "/plans", plan);
  const { body: subscription } = await call("POST", "/subscriptions", { planId: body.id });
  const { body: draft } = await call("POST", "/invoices", { subscriptionId: subscription.id });
  const db = await connect(monolith.databaseUrl);
  await db.query("ALTER TABLE invoice_counters ADD CONSTRAINT broken CHECK (last_number < 0) NOT VALID");
  await call("POST", `/invoices/${draft.id}/finalize`);
  await until(
    async () => (await db.query("SELECT attempts FROM finalization_jobs")).rows[0]?.attempts as number,
    (attempts) => attempts > 0,
  );
  expect((await call("GET", `/invoices/${draft.id}`)).body.status).toBe("finalizing");
  await db.query("ALTER TABLE invoice_counters DROP CONSTRAINT broken");
  expect((await finalized(call, draft.id)).body).toMatchObject({ status: "open", number: 1, total: 100 });
});

test("PostgreSQL and its data do not outlive whoever started them, even by SIGKILL", async () => {
  const script = `import { startMonolith } from ${JSON.stringify(new URL("start.ts", import.meta.url).href)};
    const { pid, url, databaseUrl } = await startMonolith();
    console.log(JSON.stringify({ pid, url, folder: new URL(databaseUrl).searchParams.get("host") }));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { pid, folder } = JSON.parse(line.toString()) as { pid: number; folder: string };
  expect(existsSync(folder)).toBe(true);
  child.kill("SIGKILL");
  const gone = async () => {
    const { stdout } = await promisify(execFile)("ps", ["-eo", "pid=,stat=,args="]);
    const processes = stdout.split("\n").filter((each) => {
      const [id, state = ""] = each.trim().split(/\s+/);
      // What has ended but was not reaped yet (Z) runs no more.
      return !state.startsWith("Z") && (each.includes(folder) || Number(id) === pid);
    });
    return { folder: existsSync(folder), processes };
  };
  // Two seconds on an idle machine; tests may share theirs with others.
  await until(gone, (left) => !left.folder && left.processes.length === 0, 5000);
});

test("a taken port and an unreachable database are told apart", async ({ onTestFinished }) => {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void squatter.close());
  const { port } = squatter.address() as AddressInfo;
  await expect(startMonolith({ port, databaseUrl: postgres.url })).rejects.toMatchObject({
    code: "PORT_TAKEN",
  });
  const nowhere = `postgresql://app@127.0.0.1:${port}/none`;
  squatter.on("connection", (socket) => socket.destroy());
  await expect(startMonolith({ databaseUrl: nowhere })).rejects.toMatchObject({ code: "SERVER_FAILED" });
});
