import { deepEqual, equal } from "node:assert/strict";
import { type Cidr, isInside, normalizeAddress, parseCidr, throttleKey } from "./addresses.ts";
import { clientAddress } from "./client_address.ts";

const ranges = (...texts: string[]): Cidr[] =>
  texts.map((text) => {
    const range = parseCidr(text);
    if (range === null) throw new Error(text);
    return range;
  });

Deno.test("parseCidr takes ranges and single addresses of both families and clears the bits beyond", () => {
  const forms: Record<string, string | null> = {
    "192.0.2.7/24": "192.0.2.0/24",
    "192.0.2.7": "192.0.2.7/32",
    "0.0.0.0/0": "0.0.0.0/0",
    "10.1.2.3/13": "10.0.0.0/13",
    "2001:db8:1:2::9/48": "2001:db8:1::/48",
    "2001:DB8::0001": "2001:db8::1/128",
    "::/0": "::/0",
    "::ffff:192.0.2.7/120": "192.0.2.0/24",
    "::ffff:192.0.2.7": "192.0.2.7/32",
    "": null,
    "192.0.2.0/33": null,
    "192.0.2.0/-1": null,
    "192.0.2.0/24/8": null,
    "2001:db8::/129": null,
    "192.0.2": null,
    "0x7f000001": null,
    "localhost": null,
    "192.0.2.0/2 4": null,
  };
  for (const [text, expected] of Object.entries(forms)) equal(parseCidr(text)?.text ?? null, expected, text);
});

Deno.test("isInside tells addresses apart at the edges of a range, also IPv4 written as IPv6", () => {
  const office = ranges("192.0.2.128/25", "2001:db8:5::/48");
  const inside = ["192.0.2.128", "192.0.2.255", "::ffff:192.0.2.200", "2001:db8:5:ffff::1", "2001:db8:5::"];
  const outside = ["192.0.2.127", "192.0.3.128", "::ffff:192.0.2.1", "2001:db8:6::", "", "unknown", "::c000:2c8"];
  deepEqual(inside.filter((address) => !isInside(address, office)), []);
  deepEqual(outside.filter((address) => isInside(address, office)), []);
  // everything of one family is nothing of the other
  equal(isInside("2001:db8::1", ranges("0.0.0.0/0")), false);
  equal(isInside("192.0.2.1", ranges("::/0")), false);
});

Deno.test("throttleKey counts an IPv6 customer's whole /64 as one", () => {
  deepEqual(["192.0.2.1", "::ffff:192.0.2.1", "2001:db8:0:1:aaaa::1", "?"].map(throttleKey), [
    "192.0.2.1",
    "192.0.2.1",
    "2001:db8:0:1::/64",
    "?",
  ]);
  equal(normalizeAddress("fe80::1%eth0"), "fe80::1");
});

Deno.test("clientAddress believes X-Forwarded-For from trusted proxies only, and takes the rightmost hop that is none", () => {
  const proxies = ranges("10.0.0.0/8", "2001:db8:ff::/48");
  const cases: [string, string | null, string][] = [
    ["198.51.100.9", null, "198.51.100.9"],
    ["198.51.100.9", "192.0.2.1", "198.51.100.9"], // an untrusted peer is the client, whatever it claims
    ["10.0.0.1", null, "10.0.0.1"],
    ["10.0.0.1", "192.0.2.1", "192.0.2.1"],
    ["::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"],
    ["10.0.0.1", "203.0.113.5, 192.0.2.1", "192.0.2.1"], // the left one is the client's invention
    ["10.0.0.1", "203.0.113.5, 192.0.2.1, 10.0.0.2", "192.0.2.1"],
    ["10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"], // all proxies: the farthest
    ["10.0.0.1", "192.0.2.1:4711", "192.0.2.1"],
    ["2001:db8:ff::1", "[2001:db8::5]:4711", "2001:db8::5"],
    ["10.0.0.1", "192.0.2.1, unknown", "10.0.0.1"],
    ["10.0.0.1", "", "10.0.0.1"],
    ["10.0.0.1", `${"1.1.1.1,".repeat(1000)}192.0.2.1`, "192.0.2.1"],
  ];
  for (const [peer, header, expected] of cases) {
    equal(clientAddress(peer, header, proxies), expected, `${peer} ${header?.slice(0, 60)}`);
  }
});
