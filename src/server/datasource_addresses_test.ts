import { deepEqual, rejects } from "node:assert/strict";
import { parseCidr } from "../addresses/addresses.ts";
import { deniedDatasourceRanges } from "../config/denied_addresses.ts";
import { checkedAddresses, type DatasourceAddresses } from "./datasource_addresses.ts";

const cidrs = (...texts: string[]) => texts.map((text) => parseCidr(text)!);
const rules = (more: Partial<DatasourceAddresses> = {}): DatasourceAddresses => ({
  denied: cidrs(...deniedDatasourceRanges),
  allowed: [],
  resolve: () => Promise.resolve([]),
  ...more,
});
const ask = (url: string, more: Partial<DatasourceAddresses> = {}) => checkedAddresses(new URL(url), rules(more));

Deno.test("every way to write a cloud's metadata address is refused by default", async () => {
  const hosts = [
    "169.254.169.254",
    "169.254.0.1",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]",
    "[fe80::1]",
    "[febf::1]",
    "[fd00:ec2::254]",
    "100.100.100.200",
    "168.63.129.16",
  ];
  for (const host of hosts) await rejects(ask(`http://${host}:80/latest`), { kind: "forbidden" }, host);
});

Deno.test("loopback and private addresses are asked by default, and can be denied", async () => {
  const url = {
    "127.0.0.1": "http://127.0.0.1",
    "10.1.2.3": "http://10.1.2.3",
    "::1": "http://[::1]",
    "fd00::1": "http://[fd00::1]",
  };
  for (const [address, host] of Object.entries(url)) deepEqual(await ask(`${host}:9090/x`), [address]);
  await rejects(
    ask("http://127.1/", { denied: cidrs("127.0.0.0/8") }),
    /127\.0\.0\.1 must not be asked: it is in 127\.0\.0\.0\/8/,
  );
});

Deno.test("a name is refused when one of its addresses is, and the text names both", async () => {
  const resolve = () => Promise.resolve(["192.0.2.1", "169.254.169.254"]);
  await rejects(ask("https://metadata.example/", { resolve }), {
    kind: "forbidden",
    message:
      "the datasource's address metadata.example (169.254.169.254) must not be asked: it is in 169.254.0.0/16, which is denied",
  });
  deepEqual(await ask("http://fine.example/", { resolve: () => Promise.resolve(["192.0.2.1"]) }), ["192.0.2.1"]);
  await rejects(ask("http://none.example/"), { kind: "upstream_failed" });
});

Deno.test("with allowed ranges nothing else is asked, and what is denied stays denied", async () => {
  const allowed = cidrs("192.0.2.0/24", "169.254.0.0/16");
  deepEqual(await ask("http://192.0.2.9/", { allowed }), ["192.0.2.9"]);
  await rejects(ask("http://198.51.100.1/", { allowed }), /none of the allowed ranges/);
  await rejects(ask("http://169.254.169.254/", { allowed }), /is denied/);
});
