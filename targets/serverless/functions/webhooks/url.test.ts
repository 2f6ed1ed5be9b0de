import { describe, expect, test } from "vitest";
import { isDeliverable } from "./url.ts";

const always = [
  "https://a.example",
  "https://A.example:65535/x?y=1&z",
  "https://[2001:db8::1]/",
  "https://127.0.0.1/",
];
const loopback = [
  "http://localhost:1/x",
  "http://LocalHost",
  "http://[::1]:80/",
  "http://127.0.0.1:8080/a",
  "http://127.255.255.255",
];
const never = [
  "a.example",
  "/x",
  "ftp://a.example",
  "https://",
  "https:///x",
  "https://u:p@a.example/",
  "https://u@a.example",
  "https://a.example/#",
  "https://a.example/#x",
  "https://a.example/ x",
  " https://a.example",
  "https://a.example:65536/",
  "https://a.example:0/",
  "http://a.example/",
  "http://128.0.0.1/",
  "http://127.0.0.256/",
  "http://127.0.0.1.example/",
  "http://localhost.example/",
  "http://10.0.0.1/",
  "HTTPS://a.example/",
  "https://a.example/ü",
  "https://a.example\\x",
];

describe("where deliveries may go", () => {
  test.each(always)("%s always", (url) =>
    expect([isDeliverable(url, false), isDeliverable(url, true)]).toEqual([true, true]),
  );
  test.each(loopback)("%s where loopback is allowed", (url) =>
    expect([isDeliverable(url, false), isDeliverable(url, true)]).toEqual([false, true]),
  );
  test.each(never)("%s never", (url) =>
    expect([isDeliverable(url, false), isDeliverable(url, true)]).toEqual([false, false]),
  );
});
