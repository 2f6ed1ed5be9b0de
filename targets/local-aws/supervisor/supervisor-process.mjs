/**
 * Runs beside a parent and outlives it for a moment: when the parent's end of stdin closes, however the parent
 * died, every process and folder still registered is removed. Reads one JSON message a line:
 * {"watch":pid} {"release":pid} {"watchFolder":path} {"releaseFolder":path}.
 */
import { rmSync } from "node:fs";

const pids = new Set();
const folders = new Set();
let buffered = "";

// The terminal's Ctrl-C or a group signal must not stop the one who cleans up after it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE"]) process.on(signal, () => {});

function read(line) {
  const message = JSON.parse(line);
  if (message.watch) pids.add(message.watch);
  if (message.release) pids.delete(message.release);
  if (message.watchFolder) folders.add(message.watchFolder);
  if (message.releaseFolder) folders.delete(message.releaseFolder);
}

/** SIGKILL ends stopped processes too. The group comes first: it holds what the process itself started. */
function kill(pid) {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, "SIGKILL");
    } catch {
      // Gone already, or no group of its own.
    }
  }
}

process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  const lines = (buffered + chunk).split("\n");
  buffered = lines.pop() ?? "";
  for (const line of lines) if (line !== "") read(line);
});
process.stdin.on("close", () => {
  for (const pid of pids) kill(pid);
  for (const folder of folders)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  process.exit(0);
});
