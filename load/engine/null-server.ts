import { createServer } from "node:net";

/**
 * A server that does nothing, as a process of its own: it answers every request with the same few bytes, so that
 * what limits a load on it is the generator. Prints its port, and ends with its parent.
 */
const reply = Buffer.from("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok");
const end = Buffer.from("\r\n\r\n");

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    // Requests without a body, each in one piece.
    for (let at = chunk.indexOf(end); at >= 0; at = chunk.indexOf(end, at + 4)) socket.write(reply);
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) process.stdout.write(`${address.port}\n`);
});
process.stdin.on("end", () => process.exit());
process.stdin.resume();
