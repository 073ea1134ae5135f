/**
 * One request to the alert webhook, bounded in time and in what it reads. A redirect is not followed: the body and the
 * secret headers are for the configured address only. Nothing that is thrown or returned holds the address's path (for
 * chat services it is the secret) or a header's value.
 */

export interface WebhookTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly userAgent: string;
}

export interface WebhookAnswer {
  readonly status: number;
  /** The beginning of the body. */
  readonly body: string;
  readonly durationMs: number;
}

/** A request without a usable answer. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** What the webhook asked to wait; null when it did not say. */
  readonly retryAfterMs: number | null;
  /** The answer, when there was one. */
  readonly answer: WebhookAnswer | null;

  constructor(
    reason: string,
    retryable: boolean,
    answer: WebhookAnswer | null = null,
    retryAfterMs: number | null = null,
  ) {
    super(reason);
    this.retryable = retryable;
    this.answer = answer;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Enough of an answer to see what is wrong. */
const answerBytesMax = 2_048;
/** Statuses with which a server says "not now" rather than "not this". */
const retryableStatuses: readonly number[] = [408, 425, 429];
/** Longer waits than this would only fill the queue. */
const retryAfterMsMax = 60_000;
/** Shorter header values are no secrets, and hiding them would make answers unreadable. */
const secretCharactersMin = 4;

/** Posts a JSON body. Resolves with a 2xx answer; throws `WebhookError` for everything else. */
export async function postWebhook(target: WebhookTarget, body: unknown, stop: AbortSignal): Promise<WebhookAnswer> {
  const startedAtMs = performance.now();
  const headers = new Headers({ "content-type": "application/json", "user-agent": target.userAgent });
  for (const [name, value] of Object.entries(target.headers)) headers.set(name, value);
  const timeout = AbortSignal.timeout(target.timeoutMs);
  const signal = AbortSignal.any([timeout, stop]);
  let response: Response;
  let text: string;
  try {
    response = await fetch(target.url, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      redirect: "manual",
      signal,
    });
    text = await readBeginning(response, signal);
  } catch (error) {
    if (stop.aborted) throw new WebhookError("the server is stopping", false);
    if (timeout.aborted) throw new WebhookError(`no answer within ${target.timeoutMs / 1000} s`, true);
    throw new WebhookError(connectionFailure(error), true);
  }
  const answer: WebhookAnswer = {
    status: response.status,
    body: hideSecrets(text, target),
    durationMs: performance.now() - startedAtMs,
  };
  if (response.ok) return answer;
  if (response.status >= 300 && response.status < 400) {
    const reason =
      `answered ${response.status}, a redirect, which is not followed: set alert_webhook_url to the address ` +
      "it leads to";
    throw new WebhookError(reason, false, answer);
  }
  const isRetryable = response.status >= 500 || retryableStatuses.includes(response.status);
  throw new WebhookError(`answered ${response.status}`, isRetryable, answer, retryAfterMs(response));
}

async function readBeginning(response: Response, signal: AbortSignal): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  while (byteCount < answerBytesMax) {
    signal.throwIfAborted();
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    byteCount += value.byteLength;
  }
  await reader.cancel().catch(() => {});
  const bytes = new Uint8Array(byteCount);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return new TextDecoder().decode(bytes.subarray(0, answerBytesMax));
}

/** The system's reason ("… Connection refused") without the address, which Deno puts before it in brackets. */
function connectionFailure(error: unknown): string {
  let reason = error;
  while (reason instanceof Error && reason.cause !== undefined) reason = reason.cause;
  const message = reason instanceof Error ? reason.message : String(reason);
  return `cannot be reached: ${message.replace(/^.*?\bfor url \([^)]*\):? */, "").replaceAll(/https?:\/\/\S+/g, "…")}`;
}

/** An answer may echo what it got. */
function hideSecrets(text: string, target: WebhookTarget): string {
  const url = new URL(target.url);
  const secrets = [...Object.values(target.headers), url.href, `${url.pathname}${url.search}`, url.password];
  return secrets.filter((secret) => secret.length >= secretCharactersMin)
    .reduce((hidden, secret) => hidden.replaceAll(secret, "(hidden)"), text);
}

function retryAfterMs(response: Response): number | null {
  const value = response.headers.get("retry-after");
  if (value === null || !/^\d{1,9}$/.test(value)) return null;
  return Math.min(Number(value) * 1000, retryAfterMsMax);
}
