/**
 * A pool of connections to one database, of any kind: bounded in open connections and in waiters, first come first
 * served, with a limit on a connection's age and on how long it may idle.
 *
 * Invariant: `idle + in use + opening = open <= openMax`, and nobody waits while a connection is idle.
 */
import { AppError } from "../../errors/app_error.ts";
import type { PoolStats } from "../types.ts";

export interface PooledConnection {
  close(): void;
}

export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /**
   * Calls back once after `delayMs`, unless the returned function was called before. A `background` timer does not keep
   * a process alive that has nothing else to do.
   */
  setTimer(callback: () => void, delayMs: number, options?: { readonly background: boolean }): () => void;
}

export interface ConnectionPoolOptions<Connection extends PooledConnection> {
  readonly connect: () => Promise<Connection>;
  readonly openMax: number;
  readonly idleMax: number;
  /** A connection of this age is closed instead of being reused; 0 = never. */
  readonly lifetimeMs: number;
  /** A connection that idled this long is closed; 0 = never. */
  readonly idleTimeMs: number;
  readonly acquireTimeoutMs: number;
  /** Beyond it, callers are refused at once: they could only wait until their own timeout. */
  readonly waitersMax: number;
  readonly clock?: Clock;
  /** Called with the seconds each caller had to wait because all connections were in use. */
  readonly onWait?: (seconds: number) => void;
}

export interface Lease<Connection> {
  readonly connection: Connection;
  /** Gives the connection back; `broken` closes it. Must be called exactly once. */
  release(options?: { readonly broken?: boolean }): void;
}

interface Entry<Connection> {
  readonly connection: Connection;
  readonly openedAtMs: number;
  idleSinceMs: number;
}

interface Waiter<Connection> {
  readonly grant: (entry: Entry<Connection>) => void;
  readonly reject: (error: unknown) => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(callback, delayMs, options) {
    const timer = setTimeout(callback, delayMs);
    if (options?.background) Deno.unrefTimer(timer);
    return () => clearTimeout(timer);
  },
};

export class ConnectionPool<Connection extends PooledConnection> {
  readonly #options: ConnectionPoolOptions<Connection>;
  readonly #clock: Clock;
  /** Most recently used last, so that what is not needed grows old. At most `idleMax` entries. */
  #idle: Entry<Connection>[] = [];
  /** At most `waitersMax` beside those whose connection is being opened. */
  readonly #waiters: Waiter<Connection>[] = [];
  #open = 0;
  #opening = 0;
  #waitSecondsTotal = 0;
  #waitCount = 0;
  #cancelSweep: (() => void) | undefined;
  #closed: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(options: ConnectionPoolOptions<Connection>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Throws `timeout` after `acquireTimeoutMs`, `too_many_requests` beyond `waitersMax`, `shutting_down` once closed. */
  acquire(): Promise<Lease<Connection>> {
    if (this.#closed) return Promise.reject(closedError());
    const full = this.#idle.length === 0 && this.#open >= this.#options.openMax;
    if (full && this.#waiters.length - this.#opening >= this.#options.waitersMax) {
      return Promise.reject(
        new AppError(
          "too_many_requests",
          `metadata store busy: ${this.#options.openMax} connections in use and ${this.#waiters.length} callers waiting`,
        ),
      );
    }
    const startedAtMs = this.#clock.now();
    return new Promise((resolve, reject) => {
      const finishWait = () => {
        cancelTimeout();
        if (!full) return;
        const seconds = (this.#clock.now() - startedAtMs) / 1000;
        this.#waitCount += 1;
        this.#waitSecondsTotal += seconds;
        this.#options.onWait?.(seconds);
      };
      const waiter: Waiter<Connection> = {
        grant: (entry) => {
          finishWait();
          resolve(this.#lease(entry));
        },
        reject: (error) => {
          finishWait();
          reject(error);
        },
      };
      const cancelTimeout = this.#clock.setTimer(() => {
        const index = this.#waiters.indexOf(waiter);
        if (index >= 0) this.#waiters.splice(index, 1);
        waiter.reject(
          new AppError(
            "timeout",
            `metadata store: no free connection within ${this.#options.acquireTimeoutMs / 1000} s, ` +
              `${this.#open} are open (db_max_open_conns is ${this.#options.openMax})`,
          ),
        );
      }, this.#options.acquireTimeoutMs);
      this.#waiters.push(waiter);
      this.#serveWaiters();
    });
  }

  stats(): PoolStats {
    return {
      open: this.#open,
      idle: this.#idle.length,
      inUse: this.#open - this.#opening - this.#idle.length,
      waiters: Math.max(0, this.#waiters.length - this.#opening),
      waitSecondsTotal: this.#waitSecondsTotal,
      waitCount: this.#waitCount,
    };
  }

  /** Refuses new callers and those waiting; resolves when every connection is back and closed. */
  close(): Promise<void> {
    if (this.#closed) return this.#closed.promise;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closed = { promise, resolve };
    this.#cancelSweep?.();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(closedError());
    for (const entry of this.#idle.splice(0)) this.#discard(entry);
    this.#resolveWhenEmpty();
    return promise;
  }

  /** Hands idle connections to waiters in order, and opens what is missing and allowed. */
  #serveWaiters(): void {
    while (this.#waiters.length > 0) {
      const entry = this.#idle.pop();
      if (entry) {
        if (this.#expired(entry)) this.#discard(entry);
        else this.#waiters.shift()?.grant(entry);
        continue;
      }
      if (this.#open >= this.#options.openMax || this.#opening >= this.#waiters.length) return;
      this.#openOne();
    }
  }

  #openOne(): void {
    this.#open += 1;
    this.#opening += 1;
    this.#options.connect().then((connection) => {
      this.#opening -= 1;
      const now = this.#clock.now();
      this.#takeBack({ connection, openedAtMs: now, idleSinceMs: now });
    }, (error) => {
      this.#opening -= 1;
      this.#open -= 1;
      this.#waiters.shift()?.reject(error);
      this.#serveWaiters();
      this.#resolveWhenEmpty();
    });
  }

  #lease(entry: Entry<Connection>): Lease<Connection> {
    let released = false;
    return {
      connection: entry.connection,
      release: ({ broken = false } = {}) => {
        if (released) throw new Error("a pooled connection was released twice");
        released = true;
        if (broken || this.#tooOld(entry)) {
          this.#discard(entry);
          this.#serveWaiters();
          this.#resolveWhenEmpty();
        } else {
          this.#takeBack(entry);
        }
      },
    };
  }

  #takeBack(entry: Entry<Connection>): void {
    if (this.#closed) {
      this.#discard(entry);
      this.#resolveWhenEmpty();
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter) {
      waiter.grant(entry);
    } else if (this.#idle.length >= this.#options.idleMax) {
      this.#discard(entry);
    } else {
      entry.idleSinceMs = this.#clock.now();
      this.#idle.push(entry);
      this.#scheduleSweep();
    }
  }

  #discard(entry: Entry<Connection>): void {
    this.#open -= 1;
    entry.connection.close();
  }

  #tooOld(entry: Entry<Connection>): boolean {
    const { lifetimeMs } = this.#options;
    return lifetimeMs > 0 && this.#clock.now() - entry.openedAtMs >= lifetimeMs;
  }

  #expired(entry: Entry<Connection>): boolean {
    const { idleTimeMs } = this.#options;
    return this.#tooOld(entry) || (idleTimeMs > 0 && this.#clock.now() - entry.idleSinceMs >= idleTimeMs);
  }

  /** One timer, for the idle connection that expires first. */
  #scheduleSweep(): void {
    if (this.#cancelSweep || this.#closed) return;
    const { lifetimeMs, idleTimeMs } = this.#options;
    const expiryMs = this.#idle.map((entry) =>
      Math.min(
        lifetimeMs > 0 ? entry.openedAtMs + lifetimeMs : Infinity,
        idleTimeMs > 0 ? entry.idleSinceMs + idleTimeMs : Infinity,
      )
    );
    const firstMs = Math.min(...expiryMs);
    if (firstMs === Infinity) return;
    this.#cancelSweep = this.#clock.setTimer(
      () => {
        this.#cancelSweep = undefined;
        const expired = this.#idle.filter((entry) => this.#expired(entry));
        this.#idle = this.#idle.filter((entry) => !expired.includes(entry));
        for (const entry of expired) this.#discard(entry);
        this.#scheduleSweep();
      },
      Math.max(1, Math.ceil(firstMs - this.#clock.now())),
      { background: true },
    );
  }

  #resolveWhenEmpty(): void {
    if (this.#open === 0) this.#closed?.resolve();
  }
}

function closedError(): AppError {
  return new AppError("shutting_down", "metadata store: closed");
}
