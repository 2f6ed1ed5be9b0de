import { createServer, type Socket } from "node:net";

/**
 * The server that all generators are measured on, as a process of its own: answers each request with the same few
 * bytes after a delay (argument, ms; 0: at once), and tells at /stats how many came, within how long.
 */
const delayMs = Number(process.argv[2] ?? 0);
const end = Buffer.from("\r\n\r\n");
const reply = (body: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const ok = Buffer.from(reply("ok"));
let [count, firstMs, lastMs] = [0, 0, 0];

function answer(socket: Socket, isStats: boolean): void {
  if (isStats) {
    socket.write(reply(JSON.stringify({ count, spanMs: lastMs - firstMs })));
    count = 0;
    return;
  }
  lastMs = performance.now();
  if (count === 0) firstMs = lastMs;
  count += 1;
  if (delayMs === 0) socket.write(ok);
  else setTimeout(() => socket.destroyed || socket.write(ok), delayMs);
}

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    // Requests without a body, each in one piece.
    const isStats = chunk.subarray(0, 10).toString("latin1") === "GET /stats";
    for (let at = chunk.indexOf(end); at >= 0; at = chunk.indexOf(end, at + 4)) answer(socket, isStats);
  });
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) process.stdout.write(`${address.port}\n`);
});
process.stdin.on("end", () => process.exit());
process.stdin.resume();
