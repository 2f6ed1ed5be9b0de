/**
 * Preloaded into every execution environment. AWS's runtime interface client (aws-lambda-ric) talks to the Runtime
 * API through a native addon that has to be compiled; this stands in for it with the same three calls over one
 * socket. The client itself runs unchanged. Requests are pipelined: the answer to one invocation and the question
 * for the next leave together.
 */
"use strict";
const net = require("node:net");
const Module = require("node:module");

const api = process.env.AWS_LAMBDA_RUNTIME_API;
const base = "/2018-06-01/runtime/invocation";
/** One entry for each request under way, in order: a resolver, or null where nobody reads the answer. */
const awaiting = [];
let received = Buffer.alloc(0);
let socket;

function connect() {
  const [host, port] = api.split(":");
  socket = net.connect({ host, port: Number(port), noDelay: true });
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    while (readOne());
  });
  // The service is gone, so is every reason to run.
  socket.on("error", () => process.exit(1));
  socket.on("close", () => process.exit(1));
}

function readOne() {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const headers = {};
  for (const line of received.toString("latin1", 0, end).split("\r\n").slice(1)) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const start = end + 4;
  const length = Number(headers["content-length"] ?? 0);
  if (received.length < start + length) return false;
  const bodyJson = received.toString("utf8", start, start + length);
  received = received.subarray(start + length);
  awaiting.shift()?.({ bodyJson, headers });
  return true;
}

function send(method, path, body, resolver) {
  if (!socket) connect();
  const length = Buffer.byteLength(body);
  const type = method === "POST" ? "Content-Type: application/json\r\n" : "";
  awaiting.push(resolver);
  socket.write(
    `${method} ${base}${path} HTTP/1.1\r\nHost: ${api}\r\n${type}Content-Length: ${length}\r\n\r\n${body}`,
  );
}

module.exports = {
  next: () => new Promise((resolve) => send("GET", "/next", "", resolve)),
  done: (id, body) => send("POST", `/${id}/response`, body, null),
  error: (id, body) => send("POST", `/${id}/error`, body, null),
};

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  return request === "./rapid-client.node" ? __filename : resolveFilename.call(this, request, ...rest);
};

// Output that does not fit the pipe would wait in this process, be overtaken by the answer and show in the log of the
// next invocation. Set when first used: most functions of an API write nothing, and streams take time to load.
for (const name of ["stdout", "stderr"]) {
  const { get, ...rest } = Object.getOwnPropertyDescriptor(process, name);
  const open = () => {
    const stream = get.call(process);
    stream._handle?.setBlocking?.(true);
    Object.defineProperty(process, name, { ...rest, get: () => stream });
    return stream;
  };
  Object.defineProperty(process, name, { ...rest, get: open });
}
