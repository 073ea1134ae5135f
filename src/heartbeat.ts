/**
 * Turns the event loop while nothing else does. What a native thread has for JavaScript (the end of a DuckDB call, or a function of ours
 * that DuckDB waits for) reaches this thread through the runtime's task queue. In Deno 2.9.6 its reader looks whether there are
 * tasks and only then registers to be woken (`V8TaskSpawnerFactory::poll_inner`), without looking again: a task that is
 * queued between the two wakes nobody. It was seen once in some hundred thousand calls: a thread waited, the loop slept, and
 * the statement never ended. The next turn finds the task, so one that was lost comes this much later.
 *
 * Import it wherever DuckDB is called. It keeps no process alive.
 */
const heartbeatMs = 100;

Deno.unrefTimer(setInterval(() => {}, heartbeatMs));
