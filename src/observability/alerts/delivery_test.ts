import assert from "node:assert/strict";
import { payload } from "./alerts_fixture.ts";
import { Delivery, type Outgoing, queueMax } from "./delivery.ts";
import { type WebhookAnswer, WebhookError } from "./webhook.ts";

const answer: WebhookAnswer = { status: 200, body: "", durationMs: 1 };

function outgoing(number: number): Outgoing {
  return { key: String(number), payload: { ...payload, value: number } };
}

/** A delivery that keeps how each notification ended, and resolves when so many have. */
function delivery(send: (value: number, stop: AbortSignal) => Promise<WebhookAnswer>, endsExpected = 1) {
  const ends: string[] = [];
  const done = Promise.withResolvers<void>();
  const made = new Delivery({
    send: (sent, stop) => send(sent.value, stop),
    onEnd: ({ key }, status, detail) => {
      ends.push(`${key} ${status} ${detail}`);
      if (ends.length === endsExpected) done.resolve();
    },
    firstPauseMs: 1,
    random: () => 0.5,
  });
  return { delivery: made, ends, done: done.promise };
}

Deno.test("notifications are sent in order, one at a time", async () => {
  let running = 0;
  const sent: number[] = [];
  const { delivery: made, done } = delivery(async (value) => {
    running += 1;
    assert.equal(running, 1);
    await Promise.resolve();
    sent.push(value);
    running -= 1;
    return answer;
  }, 3);
  for (const number of [1, 2, 3]) made.enqueue(outgoing(number));
  await done;
  assert.deepEqual(sent, [1, 2, 3]);
});

Deno.test("a failure that may pass is tried again, up to five attempts", async () => {
  let attempts = 0;
  const { delivery: made, ends, done } = delivery(() => {
    attempts += 1;
    return Promise.reject(new WebhookError("answered 500", true));
  });
  made.enqueue(outgoing(1));
  await done;
  assert.equal(attempts, 5);
  assert.deepEqual(ends, ["1 failed answered 500; given up after 5 attempts"]);
});

Deno.test("a refusal that will not pass is not tried again, and the next notification is sent", async () => {
  const { delivery: made, ends, done } = delivery((value) => {
    return value === 1 ? Promise.reject(new WebhookError("answered 404", false)) : Promise.resolve(answer);
  }, 2);
  made.enqueue(outgoing(1));
  made.enqueue(outgoing(2));
  await done;
  assert.deepEqual(ends, ["1 failed answered 404", "2 sent answered 200 to attempt 1"]);
});

Deno.test("a full queue drops its oldest notification", async () => {
  const { delivery: made, ends } = delivery((_, stop) => {
    return new Promise((_, reject) => stop.addEventListener("abort", () => reject(stop.reason)));
  });
  for (let number = 0; number < queueMax + 3; number++) made.enqueue(outgoing(number));
  assert.equal(made.waitingCount, queueMax);
  assert.deepEqual(ends, [1, 2].map((number) => `${number} dropped more than 100 alerts were waiting`));
  await made.stop(0);
  assert.equal(ends.length, queueMax + 3);
  made.enqueue(outgoing(999));
  assert.equal(ends.at(-1), "999 dropped the server has stopped");
});

Deno.test("a stop lets what is on its way arrive", async () => {
  const gate = Promise.withResolvers<WebhookAnswer>();
  const { delivery: made, ends } = delivery(() => gate.promise);
  made.enqueue(outgoing(1));
  const stopped = made.stop(60_000);
  gate.resolve(answer);
  await stopped;
  assert.deepEqual(ends, ["1 sent answered 200 to attempt 1"]);
});
