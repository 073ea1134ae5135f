/**
 * HTTP requests of datasources: to addresses that may be asked, with the datasource's own time limit, an answer that is bounded, and no
 * redirect followed, since the headers may hold a secret of the datasource.
 */
import type { DatasourceProxyOptions, OutgoingRequest } from "../dashboards/panels/datasource_proxy.ts";
import type { HttpTarget } from "../dashboards/panels/datasources.ts";
import type { FetchJson } from "../dashboards/panels/types.ts";
import { AppError } from "../errors/app_error.ts";
import { checkedAddresses, type DatasourceAddresses } from "./datasource_addresses.ts";

/** An answer of a Prometheus is read into memory; one that is passed on is cut off. */
const answerBytesMax = 32 * 1024 * 1024;
/** Of an answer that is passed on; cookies and rules for browsers are the upstream's own. */
const passedHeaders = ["content-type", "retry-after", "warning"];

export interface DatasourceRequests {
  /** GETs and reads JSON. Throws `upstream_failed`, and `forbidden` for an address that must not be asked. */
  readonly fetchJson: FetchJson;
  /**
   * The upstream's answer, whatever its status, as it comes; one over the bound breaks off. Throws as `fetchJson`, also for a redirect.
   */
  readonly passOn: DatasourceProxyOptions["send"];
}

export function datasourceRequests(addresses: DatasourceAddresses): DatasourceRequests {
  return {
    fetchJson: (target, path, parameters, signal) => fetchJson(target, path, parameters, addresses, signal),
    passOn: (outgoing) => passOn(outgoing, addresses),
  };
}

async function fetchJson(
  target: HttpTarget,
  path: string,
  parameters: URLSearchParams,
  addresses: DatasourceAddresses,
  signal?: AbortSignal,
): Promise<unknown> {
  const response = await request({
    url: `${target.url}${path}?${parameters}`,
    method: "GET",
    headers: new Headers({ accept: "application/json", ...target.headers }),
    body: null,
    timeoutMs: target.timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  }, addresses);
  const where = new URL(target.url).host;
  const text = await boundedText(response, where);
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError(
      "upstream_failed",
      `the datasource at ${where} answered ${response.status} without JSON: ${text.slice(0, 200)}`,
    );
  }
}

async function passOn(outgoing: OutgoingRequest, addresses: DatasourceAddresses): Promise<Response> {
  const response = await request(outgoing, addresses);
  const where = new URL(outgoing.url).host;
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    throw new AppError(
      "upstream_failed",
      `the datasource at ${where} answered ${response.status}: redirects are not followed`,
    );
  }
  // Whatever an upstream sends, it must not run as a page of this server.
  const headers = new Headers({ "content-security-policy": "sandbox", "x-content-type-options": "nosniff" });
  for (const name of passedHeaders) {
    const value = response.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const { status } = response;
  return new Response(response.body?.pipeThrough(boundedStream(where)) ?? null, { status, headers });
}

async function request(outgoing: OutgoingRequest, rules: DatasourceAddresses): Promise<Response> {
  const url = new URL(outgoing.url);
  const timeout = AbortSignal.timeout(outgoing.timeoutMs);
  const signal = outgoing.signal === undefined ? timeout : AbortSignal.any([timeout, outgoing.signal]);
  try {
    const addresses = await before(signal, checkedAddresses(url, rules));
    return url.protocol === "http:"
      ? await sendToOneOf(addresses, url, outgoing, signal)
      : await send(url, outgoing, signal);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError("upstream_failed", `no answer from the datasource at ${url.host}: ${reason}`);
  }
}

/** Tries the next address when no connection comes about: nothing has been sent then. */
async function sendToOneOf(
  addresses: readonly string[],
  url: URL,
  outgoing: OutgoingRequest,
  signal: AbortSignal,
): Promise<Response> {
  const port = url.port === "" ? 80 : Number(url.port);
  for (const [index, hostname] of addresses.entries()) {
    // The answer's body keeps its connection when the client that opened it is closed.
    using client = Deno.createHttpClient({ proxy: { transport: "tcp", hostname, port } });
    try {
      return await send(url, outgoing, signal, client);
    } catch (error) {
      const isUnreachable = error instanceof TypeError && String(error.cause ?? error.message).includes("(Connect)");
      if (!isUnreachable || index === addresses.length - 1) throw error;
    }
  }
  throw new Error("no address");
}

function send(url: URL, { method, headers, body }: OutgoingRequest, signal: AbortSignal, client?: Deno.HttpClient) {
  const options = { method, headers, redirect: "manual", signal } as const;
  return fetch(url, { ...options, ...(body === null ? {} : { body }), ...(client === undefined ? {} : { client }) });
}

/** Names are resolved by the system, which hears of no time limit. */
async function before<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(signal.reason);
  signal.addEventListener("abort", end);
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function boundedStream(where: string): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let byteCount = 0;
  return new TransformStream({
    transform(chunk, controller) {
      byteCount += chunk.byteLength;
      if (byteCount <= answerBytesMax) controller.enqueue(chunk);
      else controller.error(new Error(`the answer of the datasource at ${where} is over ${answerBytesMax} bytes`));
    },
  });
}

async function boundedText(response: Response, where: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let byteCount = 0;
  for await (const chunk of response.body ?? []) {
    byteCount += chunk.length;
    if (byteCount > answerBytesMax) {
      await response.body?.cancel().catch(() => undefined);
      throw new AppError("upstream_failed", `the answer of the datasource at ${where} is over ${answerBytesMax} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
