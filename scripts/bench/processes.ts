/** What the kernel says about processes (Linux). */

/** `getconf CLK_TCK` is 100 on every Linux that matters. */
const ticksPerSecond = 100;

/** Processor time of a process so far, user and system, all threads, in milliseconds. 0 when it is gone. */
export function processorMs(processId: number): number {
  try {
    const stat = Deno.readTextFileSync(`/proc/${processId}/stat`);
    // "pid (name) state …"; the name may hold spaces. utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 1000 / ticksPerSecond;
  } catch {
    return 0;
  }
}

export interface Memory {
  readonly residentMb: number;
  /** Of it what no other process can share: heap, stacks. */
  readonly anonymousMb: number;
}

/** Megabytes are 10^6 bytes. */
export function memoryOf(processId: number): Memory {
  const status = Deno.readTextFileSync(`/proc/${processId}/status`);
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? NaN) * 1.024e-3;
  return { residentMb: field("VmRSS"), anonymousMb: field("RssAnon") };
}
