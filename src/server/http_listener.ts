/** The HTTP listener: Deno's server around the application's `fetch`. */
import type { Config } from "../config/config.ts";
import { AppError } from "../errors/app_error.ts";

export interface HttpListener {
  readonly port: number;
  /** Refuses new connections, lets running requests end for a moment, then closes. */
  close(): Promise<void>;
}

/** Running requests get this long at a stop; a long export is cut off and its client sees a broken stream. */
const requestGraceMs = 5_000;

/** Throws `config_invalid` naming the address when the port cannot be bound. */
export function startHttp(config: Config, fetch: Deno.ServeHandler<Deno.NetAddr>): HttpListener {
  const abort = new AbortController();
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname: config.httpHost,
      port: config.httpPort,
      signal: abort.signal,
      onListen: () => undefined,
    }, fetch);
  } catch (cause) {
    throw new AppError(
      "config_invalid",
      `cannot listen for HTTP on ${config.httpHost}:${config.httpPort}: ${
        cause instanceof Error ? cause.message : cause
      }; ` +
        "choose another --http-port or --http-host",
      { cause },
    );
  }
  return {
    port: server.addr.port,
    close: async () => {
      const timer = setTimeout(() => abort.abort(), requestGraceMs);
      await server.shutdown().catch(() => undefined);
      clearTimeout(timer);
    },
  };
}
