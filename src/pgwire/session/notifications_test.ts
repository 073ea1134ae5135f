import assert from "node:assert/strict";
import { NotificationHub, SessionNotifications } from "./notifications.ts";

function pair() {
  const hub = new NotificationHub();
  let arrivals = 0;
  const listener = new SessionNotifications(hub, 1, () => arrivals++);
  const sender = new SessionNotifications(hub, 2, () => undefined);
  return { hub, listener, sender, arrivals: () => arrivals };
}

Deno.test("a notification reaches the sessions that listen, when its transaction commits", () => {
  const { listener, sender, arrivals } = pair();
  listener.listen("jobs");
  listener.commit();
  sender.notify("jobs", "1");
  assert.equal(arrivals(), 0);
  sender.commit();
  assert.equal(arrivals(), 1);
  assert.deepEqual(listener.take(), [{ processId: 2, channel: "jobs", payload: "1" }]);
  assert.deepEqual(listener.take(), []);
});

Deno.test("a rolled back transaction neither listens nor notifies", () => {
  const { listener, sender } = pair();
  listener.listen("jobs");
  listener.rollback();
  sender.notify("jobs", "1");
  sender.commit();
  listener.listen("jobs");
  listener.commit();
  sender.notify("jobs", "2");
  sender.rollback();
  sender.commit();
  assert.deepEqual(listener.take(), []);
});

Deno.test("equal notifications of one transaction are sent once", () => {
  const { listener, sender } = pair();
  listener.listen("jobs");
  listener.commit();
  for (const payload of ["a", "b", "a"]) sender.notify("jobs", payload);
  sender.commit();
  assert.deepEqual(listener.take().map(({ payload }) => payload), ["a", "b"]);
});

Deno.test("UNLISTEN of one channel or of all ends the listening", () => {
  const { listener, sender } = pair();
  for (const channel of ["a", "b", "c"]) listener.listen(channel);
  listener.commit();
  listener.unlisten("a");
  listener.commit();
  assert.deepEqual(listener.channels, ["b", "c"]);
  listener.unlisten(null);
  listener.commit();
  sender.notify("b", "");
  sender.commit();
  assert.deepEqual(listener.take(), []);
});

Deno.test("a session hears itself, and a closed one hears nothing", () => {
  const { listener, sender, arrivals } = pair();
  listener.listen("a");
  sender.listen("a");
  sender.notify("a", "own");
  listener.commit();
  listener.close();
  sender.commit();
  assert.equal(sender.take().length, 1);
  assert.equal(arrivals(), 0);
});

Deno.test("too long channels and payloads are refused in PostgreSQL's words", () => {
  const { sender } = pair();
  assert.throws(() => sender.notify("", ""), /channel name cannot be empty/);
  assert.throws(() => sender.notify("c".repeat(64), ""), /channel name too long/);
  assert.throws(() => sender.notify("c", "p".repeat(8000)), /payload string too long/);
  sender.notify("c".repeat(63), "p".repeat(7999));
});
