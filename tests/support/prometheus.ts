/** Debian's Prometheus and Alertmanager as processes of a test: own ports, own folder, gone at the end of the scope. */
import { join } from "node:path";
import { eventually } from "./server.ts";

/** Runs promtool to its end; gives everything it printed. */
export async function promtool(
  parameters: readonly string[],
  input = "",
): Promise<{ readonly code: number; readonly output: string }> {
  const child = new Deno.Command("promtool", {
    args: [...parameters],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** A free port; somebody else may take it before it is used, which then shows as a process that does not start. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

export interface PrometheusOptions {
  /** `host:port` of the Eider server. */
  readonly target: string;
  /** The text of the rules. */
  readonly rules: string;
  /** Where Alertmanager posts. */
  readonly webhookUrl: string;
}

export interface QueryResult {
  readonly metric: Record<string, string>;
  readonly value: readonly [number, string];
}

/** Both programs, Prometheus scraping and evaluating twice a second. */
export class PrometheusStack {
  readonly #directory: string;
  readonly #children: Deno.ChildProcess[] = [];
  #output = "";
  #prometheusUrl = "";

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async start(options: PrometheusOptions): Promise<PrometheusStack> {
    const stack = new PrometheusStack(await Deno.makeTempDir({ prefix: "eider_prometheus_" }));
    try {
      await stack.#start(options);
    } catch (error) {
      await stack[Symbol.asyncDispose]();
      throw error;
    }
    return stack;
  }

  async #start({ target, rules, webhookUrl }: PrometheusOptions): Promise<void> {
    const [prometheusPort, alertmanagerPort] = [freePort(), freePort()];
    this.#prometheusUrl = `http://127.0.0.1:${prometheusPort}`;
    await this.#write("rules.yml", rules);
    await this.#write(
      "prometheus.yml",
      `
global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }
rule_files: [rules.yml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:${alertmanagerPort}"] }] }] }
scrape_configs: [{ job_name: eider, static_configs: [{ targets: ["${target}"] }] }]
`,
    );
    await this.#write(
      "alertmanager.yml",
      `
route: { receiver: test, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers: [{ name: test, webhook_configs: [{ url: "${webhookUrl}", send_resolved: true }] }]
`,
    );
    this.#spawn("prometheus-alertmanager", [
      `--config.file=${join(this.#directory, "alertmanager.yml")}`,
      `--storage.path=${join(this.#directory, "alertmanager")}`,
      `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
      "--cluster.listen-address=",
    ]);
    this.#spawn("prometheus", [
      `--config.file=${join(this.#directory, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(this.#directory, "tsdb")}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
      "--rules.alert.resend-delay=1s",
    ]);
    await this.#ready(`http://127.0.0.1:${alertmanagerPort}/-/ready`);
    await this.#ready(`${this.#prometheusUrl}/-/ready`);
  }

  /** Of the Prometheus. */
  get url(): string {
    return this.#prometheusUrl;
  }

  /** What an instant query answers. Throws with Prometheus' own words when it refuses the query. */
  async query(expression: string): Promise<readonly QueryResult[]> {
    const answer = await this.get<{ result: QueryResult[] }>("/api/v1/query", { query: expression });
    return answer.result;
  }

  /** The `data` of an API answer. */
  async get<Data>(path: string, parameters: Record<string, string> = {}): Promise<Data> {
    const response = await fetch(`${this.#prometheusUrl}${path}?${new URLSearchParams(parameters)}`);
    const answer = await response.json() as { status: string; error?: string; data: Data };
    if (answer.status !== "success") throw new Error(`${parameters["query"] ?? path}: ${answer.error}`);
    return answer.data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      try {
        child.kill("SIGKILL"); // its data is thrown away
      } catch {
        // It has ended by itself.
      }
      await child.status;
    }
    await Deno.remove(this.#directory, { recursive: true });
  }

  #spawn(command: string, args: string[]): void {
    const child = new Deno.Command(command, { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
    this.#children.push(child);
    void (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of child.stderr) this.#output = (this.#output + decoder.decode(chunk)).slice(-20_000);
    })();
  }

  async #ready(url: string): Promise<void> {
    await eventually(`${url} is ready`, async () => {
      const response = await fetch(url).catch(() => null);
      await response?.body?.cancel();
      return response?.status === 200;
    }).catch((error) => {
      throw new Error(`${error}\n${this.#output}`);
    });
  }

  async #write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(join(this.#directory, name), text);
  }
}
