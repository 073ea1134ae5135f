/** `eider healthcheck`: asks the server of this configuration whether it lives. Exit 0 or 1, for containers. */
import type { Config } from "../config/config.ts";
import type { CliOutput } from "./output.ts";

/** Containers usually allow a check 30 seconds; an answer of a living server takes milliseconds. */
const answerTimeoutMs = 5_000;

export async function healthcheck(config: Config, output: CliOutput): Promise<number> {
  const url = `http://${reachableHost(config.httpHost)}:${config.httpPort}/live`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerTimeoutMs), redirect: "error" });
    await response.body?.cancel();
    if (response.ok) {
      output.out(`${url}: ok`);
      return 0;
    }
    output.err(`${url}: answered ${response.status}`);
  } catch (error) {
    output.err(`${url}: no answer (${(error as Error).message.split("\n", 1)[0]})`);
  }
  return 1;
}

/** Where a listener on all addresses can be reached from this machine; an IPv6 address in brackets. */
export function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::" || host === "[::]") return "[::1]";
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
