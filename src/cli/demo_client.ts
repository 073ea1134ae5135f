/** The REST API as the demo uses it: a few verbs over `fetch`, whose failures name the request. */
import { AppError } from "../errors/app_error.ts";

export class DemoClient {
  readonly #baseUrl: string;
  readonly #key: string;

  constructor(baseUrl: string, key: string) {
    this.#baseUrl = baseUrl;
    this.#key = key;
  }

  async exists(path: string): Promise<boolean> {
    return await this.find(path) !== null;
  }

  /** null when it is not there (404). */
  async find<Body>(path: string): Promise<Body | null> {
    const response = await this.#fetch("GET", path);
    if (response.status === 404) {
      await response.body?.cancel();
      return null;
    }
    return await this.#body<Body>(response, `GET ${path}`);
  }

  /** The first thousand items of a list. */
  async list<Item>(path: string): Promise<readonly Item[]> {
    const response = await this.#fetch("GET", `${path}?limit=1000`);
    return (await this.#body<{ items: readonly Item[] }>(response, `GET ${path}`)).items;
  }

  async post<Body>(path: string, json: unknown = {}): Promise<Body> {
    const response = await this.#fetch("POST", path, JSON.stringify(json), { "content-type": "application/json" });
    return await this.#body<Body>(response, `POST ${path}`);
  }

  async delete(path: string): Promise<void> {
    const response = await this.#fetch("DELETE", path);
    if (!response.ok && response.status !== 404) await this.#fail(response, `DELETE ${path}`);
    await response.body?.cancel();
  }

  /** Streams a file as the body. */
  async upload(path: string, filePath: string): Promise<void> {
    const file = await Deno.open(filePath);
    const response = await this.#fetch("POST", path, file.readable, { "content-type": "application/octet-stream" });
    await this.#body(response, `POST ${path}`);
  }

  async #fetch(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
    return await fetch(this.#baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
  }

  async #body<Body>(response: Response, what: string): Promise<Body> {
    if (!response.ok) await this.#fail(response, what);
    return await response.json() as Body;
  }

  async #fail(response: Response, what: string): Promise<never> {
    const problem = await response.json().catch(() => ({})) as { detail?: string };
    throw new AppError(
      "internal",
      `demo: ${what} was answered ${response.status}: ${problem.detail ?? "without a reason"}`,
    );
  }
}
