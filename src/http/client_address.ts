/**
 * Puts the client's address into the context. The other end of the socket comes from Deno's server, as the second argument
 * of `fetch`; without one (a test without a socket) the address is empty.
 */
import type { MiddlewareHandler } from "hono";
import type { Cidr } from "../addresses/addresses.ts";
import { clientAddress } from "../addresses/client_address.ts";
import type { AppEnvironment } from "./auth.ts";

export function noteClientAddress(trustedProxies: readonly Cidr[]): MiddlewareHandler<AppEnvironment> {
  return async (context, next) => {
    const peer = peerAddress(context.env);
    const forwardedFor = context.req.header("x-forwarded-for") ?? null;
    if (peer !== null) context.set("clientAddress", clientAddress(peer, forwardedFor, trustedProxies));
    await next();
  };
}

function peerAddress(information: unknown): string | null {
  if (typeof information !== "object" || information === null || !("remoteAddr" in information)) return null;
  const { remoteAddr: address } = information as { remoteAddr: unknown };
  if (typeof address !== "object" || address === null || !("hostname" in address)) return null;
  return String(address.hostname);
}
