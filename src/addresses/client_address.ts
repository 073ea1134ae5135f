/**
 * Which address a request came from, when it may have passed proxies. Only what a trusted proxy says is believed: going from
 * the right through `X-Forwarded-For`, the first hop that is not a trusted proxy is the client. Anything further left could
 * be the client's own invention.
 */
import { type Cidr, isInside, normalizeAddress } from "./addresses.ts";

/** Hops that are looked at; a longer list is nonsense, and its rightmost ones count. */
const hopsMax = 50;

/** `peer` is the other end of the socket. The result is normalised when it is an address at all. */
export function clientAddress(peer: string, forwardedFor: string | null, trustedProxies: readonly Cidr[]): string {
  let client = normalizeAddress(peer) ?? peer;
  if (forwardedFor === null || !isInside(client, trustedProxies)) return client;
  const hops = forwardedFor.split(",").slice(-hopsMax);
  for (const hop of hops.toReversed()) {
    const address = normalizeAddress(withoutPort(hop.trim()));
    // What a trusted proxy passed on without being an address: then the proxy is the last that is known.
    if (address === null) return client;
    client = address;
    if (!isInside(client, trustedProxies)) return client;
  }
  return client;
}

/** Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  return hop.replace(/^(\[[^\]]*\]|\d+\.\d+\.\d+\.\d+):\d+$/, "$1");
}
