/**
 * Turns the event loop while nothing else does. A native thread that calls one of our functions waits until this thread has
 * answered; the runtime (Deno 2.9.6) was seen to lose the wake-up for such a call, once in some hundred thousand: the thread waited, the
 * loop slept, and the statement never ended. The next turn finds the call.
 *
 * Import it wherever a function of ours is given to the engine. It keeps no process alive.
 */
const heartbeatMs = 100;

Deno.unrefTimer(setInterval(() => {}, heartbeatMs));
