/**
 * `eider serve`: starts the server, says where it listens, and stops it on SIGTERM or SIGINT. A second signal cancels what
 * the stop waits for; a third one ends the process at once: nothing that was acknowledged is lost by that.
 */
import type { Config } from "../config/config.ts";
import { type Logger, writeStdout } from "../observability/log.ts";

/** What `server/server.ts` gives for a started server. */
export interface RunningServer {
  readonly httpPort: number;
  readonly pgPort: number;
  /** Of the TLS-only listener, if there is one. */
  readonly pgDirectTlsPort?: number | null;
  /** The administrator's key when this start has generated it; it exists nowhere else in plain text. */
  readonly adminKey: string | null;
  /** Resolves when the server has ended. */
  readonly closed: Promise<void>;
  /** Drains and ends; resolves like `closed`. */
  stop(): Promise<void>;
  /** A stop that is under way cancels running statements instead of waiting for them. */
  hasten(): void;
}

/** What `serve` needs of its process; tests put their own in place. */
export interface ServeEnvironment {
  readonly start: (config: Config, logger: Logger) => Promise<RunningServer>;
  /** Calls back for each SIGTERM and SIGINT; gives a function that ends that. */
  readonly onSignal: (handle: (signal: StopSignal) => void) => () => void;
  /** Milliseconds of a clock. */
  readonly now: () => number;
  readonly exit: (code: number) => void;
  readonly writeLine: (line: string) => void;
}

export type StopSignal = "SIGTERM" | "SIGINT";

/** A further signal within this time is the one before, delivered by two ways. */
const sameSignalMs = 1_000;

const signalNumber: Readonly<Record<StopSignal, number>> = { SIGTERM: 15, SIGINT: 2 };

const processEnvironment: ServeEnvironment = {
  start: async (config, logger) => {
    const { startServer } = await import("../server/server.ts");
    return await startServer(config, logger);
  },
  onSignal: (handle) => {
    const listeners = (["SIGTERM", "SIGINT"] as const).map((signal) => ({ signal, listener: () => handle(signal) }));
    for (const { signal, listener } of listeners) Deno.addSignalListener(signal, listener);
    return () => {
      for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
    };
  },
  now: Date.now,
  exit: (code) => Deno.exit(code),
  writeLine: writeStdout,
};

/**
 * Runs until a signal has stopped the server, and gives the exit code: 0, or 1 when the server ended by itself.
 * `onStarted` is called when it listens (the demo).
 */
export async function serve(
  config: Config,
  logger: Logger,
  onStarted: (server: RunningServer) => Promise<void> = () => Promise.resolve(),
  environment: ServeEnvironment = processEnvironment,
): Promise<number> {
  const stopRequested = Promise.withResolvers<"signal">();
  let lastSignalMs: number | null = null;
  let running: RunningServer | null = null;
  let hastened = false;
  const ignoreSignals = environment.onSignal((signal) => {
    const nowMs = environment.now();
    // One Ctrl-C comes twice under a task runner: from the terminal, and passed on by the runner.
    if (lastSignalMs !== null && nowMs - lastSignalMs < sameSignalMs) return;
    const isFirst = lastSignalMs === null;
    lastSignalMs = nowMs;
    if (!isFirst) {
      if (running === null || hastened) {
        logger.warn("another signal: ending at once", { signal });
        environment.exit(128 + signalNumber[signal]);
        return;
      }
      hastened = true;
      logger.warn("second signal: running statements are cancelled", { signal });
      running.hasten();
      return;
    }
    logger.info("stopping", { signal, timeout_seconds: config.shutdownTimeoutSeconds });
    stopRequested.resolve("signal");
  });
  try {
    const server = await environment.start(config, logger);
    running = server;
    if (server.adminKey !== null) showAdminKey(config, server.adminKey, environment.writeLine);
    logger.info("listening", {
      http_host: config.httpHost,
      http_port: server.httpPort,
      pg_host: config.pgHost,
      pg_port: server.pgPort,
      pg_direct_tls_port: server.pgDirectTlsPort ?? undefined,
    });
    const ended = server.closed.then(() => "closed" as const);
    const started = onStarted(server).then(() => new Promise<never>(() => {}));
    try {
      const reason = await Promise.race([stopRequested.promise, ended, started]);
      if (reason === "closed") {
        logger.error("the server ended by itself");
        return 1;
      }
    } finally {
      await server.stop();
    }
    logger.info("stopped");
    return 0;
  } finally {
    ignoreSignals();
  }
}

/** Whatever the log's level: it is shown this once, and past the log's hiding of secrets. */
function showAdminKey(config: Config, adminKey: string, writeLine: (line: string) => void): void {
  writeLine(
    config.logFormat === "json"
      ? JSON.stringify({
        timestamp: new Date().toISOString(),
        level: "info",
        message: "admin key generated",
        admin_key: adminKey,
      })
      : `Administrator's key, shown only now: ${adminKey}`,
  );
}
