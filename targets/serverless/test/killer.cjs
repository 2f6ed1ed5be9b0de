// Preloaded into every function (NODE_OPTIONS): kills its process, as a crash would, around the n-th write to DynamoDB
// of one function. The order stands in a file, which the victim takes away first, so that it happens once.
const { existsSync, readFileSync, rmSync } = require("node:fs");
const http = require("node:http");

const orders = process.env.KILL_ORDERS;
const writes = /\.(PutItem|UpdateItem|DeleteItem|TransactWriteItems)$/;
const send = http.request;
let armed;
let count = 0;

http.request = (options, ...rest) => {
  const target = options?.headers?.["x-amz-target"] ?? options?.headers?.["X-Amz-Target"] ?? "";
  if (!writes.test(target) || !existsSync(orders)) return send(options, ...rest);
  const text = readFileSync(orders, "utf8");
  if (text !== armed) [armed, count] = [text, 0];
  const order = JSON.parse(text);
  if (order.function !== process.env.AWS_LAMBDA_FUNCTION_NAME || ++count !== order.nth)
    return send(options, ...rest);
  const die = () => {
    rmSync(orders);
    process.kill(process.pid, "SIGKILL");
  };
  if (order.when === "before") die();
  return send(options, ...rest).prependListener("response", die);
};
