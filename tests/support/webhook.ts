/** A webhook on the loopback that keeps what it gets and answers as a test says. */

export interface WebhookRequest<Body> {
  readonly path: string;
  readonly headers: Headers;
  readonly body: Body;
}

/** Answers a request; its number counts from 1. */
export type WebhookBehaviour = (number: number, request: Request) => Response | Promise<Response>;

const ok: WebhookBehaviour = () => new Response("ok");

export class TestWebhook<Body = Record<string, unknown>> {
  readonly requests: WebhookRequest<Body>[] = [];
  /** May be replaced at any time. */
  behaviour: WebhookBehaviour;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #listeners = new Set<() => void>();
  readonly #abort = new AbortController();

  constructor(behaviour: WebhookBehaviour = ok) {
    this.behaviour = behaviour;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, signal: this.#abort.signal, onListen: () => undefined },
      async (request) => {
        const body = await request.json() as Body;
        this.requests.push({ path: new URL(request.url).pathname, headers: request.headers, body });
        for (const listener of this.#listeners) listener();
        return await this.behaviour(this.requests.length, request);
      },
    );
  }

  get port(): number {
    return this.#server.addr.port;
  }

  url(path = "/hook"): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** The first request, there already or soon, that fits; rejects when patience ends. */
  waitFor(what: string, fits: (body: Body) => boolean, patienceMs = 60_000): Promise<WebhookRequest<Body>> {
    const { promise, resolve, reject } = Promise.withResolvers<WebhookRequest<Body>>();
    const look = () => {
      const found = this.requests.find((request) => fits(request.body));
      if (found !== undefined) finish(() => resolve(found));
    };
    const timer = setTimeout(
      () => finish(() => reject(new Error(`the webhook did not get ${what}: ${JSON.stringify(this.requests)}`))),
      patienceMs,
    );
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      this.#listeners.delete(look);
      settle();
    };
    this.#listeners.add(look);
    look();
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort(); // a behaviour that never answers must not hold the test's end
    await this.#server.finished;
  }
}
