/**
 * HTTP requests of datasources: with the datasource's own time limit, an answer that is bounded, and no redirect followed, since the
 * headers may hold a secret of the datasource.
 */
import type { OutgoingRequest } from "../dashboards/panels/datasource_proxy.ts";
import type { HttpTarget } from "../dashboards/panels/datasources.ts";
import { AppError } from "../errors/app_error.ts";

/** An answer of a Prometheus is read into memory; one that is passed on is cut off. */
const answerBytesMax = 32 * 1024 * 1024;
/** Of an answer that is passed on; cookies and rules for browsers are the upstream's own. */
const passedHeaders = ["content-type", "retry-after", "warning"];

/** GETs and reads JSON. Throws `upstream_failed`. */
export async function fetchJson(target: HttpTarget, path: string, parameters: URLSearchParams): Promise<unknown> {
  const response = await request({
    url: `${target.url}${path}?${parameters}`,
    method: "GET",
    headers: new Headers({ accept: "application/json", ...target.headers }),
    body: null,
    timeoutMs: target.timeoutMs,
  });
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

/**
 * The upstream's answer, whatever its status, as it comes; one over the bound breaks off. Throws `upstream_failed` when there is none and
 * for a redirect.
 */
export async function passOn(outgoing: OutgoingRequest): Promise<Response> {
  const response = await request(outgoing);
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

async function request({ url, method, headers, body, timeoutMs }: OutgoingRequest): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    return await fetch(url, { method, headers, redirect: "manual", signal, ...(body === null ? {} : { body }) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError("upstream_failed", `no answer from the datasource at ${new URL(url).host}: ${reason}`);
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
