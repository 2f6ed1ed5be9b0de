import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { EXIT } from "../../gates/exit.ts";
import { requireReceiver } from "./receiver.ts";

const at = (host: string, port: number) => ({ name: "new-api", webhookReceiver: { host, port } });

test("a receiver that cannot listen ends the run before anything is measured, and says which", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  const taken = requireReceiver(at("127.0.0.1", port));
  await expect(taken).rejects.toMatchObject({
    exitCode: EXIT.machine,
    where: "cutover.config.ts: targets.new-api.webhookReceiver",
    got: `127.0.0.1:${port}: taken`,
  });
  holder.close();
  await once(holder, "close");
  await expect(requireReceiver(at("127.0.0.1", port))).resolves.toBeUndefined();
  await expect(requireReceiver(at("192.0.2.1", 0))).rejects.toMatchObject({ exitCode: EXIT.machine });
});
