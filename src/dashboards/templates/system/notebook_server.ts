/**
 * Notebook Server: Jupyter servers behind a Prometheus. Expects Jupyter Server's `/metrics` (`http_request_duration_seconds`,
 * `kernel_currently_running_total`, `process_*`); memory and CPU of kernels need jupyter-resource-usage.
 */
import type { SystemTemplate } from "../service.ts";
import {
  chart,
  dashboard,
  datasourceParameter,
  gauge,
  labelVariable,
  limitParameter,
  orange,
  promql,
  red,
  stat,
} from "./build.ts";

const description = "Kernels, memory, CPU and requests of Jupyter servers.";
const scrape = 'job=~"$job",instance=~"$instance",namespace=~"$namespace"';
const of = `{${scrape}}`;
const kernels = "kernel_currently_running_total";

export const notebookServer: SystemTemplate = {
  name: "notebook-server",
  title: "Notebook Server",
  description,
  category: "machine learning",
  parameters: [
    datasourceParameter,
    limitParameter("latency_seconds", "Latency of the slowest twentieth", 1, "Seconds; where the line is drawn."),
  ],
  spec: dashboard({
    description,
    duration: "3h",
    refreshInterval: "1m",
    variables: [
      labelVariable("namespace", "Namespace", "namespace", kernels),
      labelVariable("job", "Job", "job", `${kernels}{namespace=~"$namespace"}`),
      labelVariable("instance", "Instance", "instance", `${kernels}{job=~"$job"}`),
    ],
    rows: [
      {
        title: "Now",
        panels: {
          up: stat({ title: "Servers up", decimals: 0 }, promql(`sum(up${of})`)),
          kernels_now: stat({ title: "Kernels", decimals: 0 }, promql(`sum(${kernels}${of})`)),
          terminals_now: stat(
            { title: "Terminals", decimals: 0 },
            promql(`sum(terminal_currently_running_total${of})`),
          ),
          memory_now: gauge(
            {
              title: "Memory of the limit",
              unit: "percent",
              max: 100,
              thresholds: [{ value: 75, color: orange }, { value: 90, color: red }],
            },
            promql(`100 * max(total_memory_usage${of} / (max_memory_usage${of} > 0))`),
          ),
          latency_now: stat(
            {
              title: "95% answered in",
              unit: "seconds",
              thresholds: [{ value: "{{latency_seconds}}", color: red }],
            },
            promql(
              `histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket${of}[$__rate_interval])))`,
            ),
          ),
          errors_now: stat(
            { title: "HTTP 5xx", unit: "requests/sec", thresholds: [{ value: 0.01, color: orange }] },
            promql(
              `sum(rate(http_request_duration_seconds_count{${scrape},status_code=~"5.."}[$__rate_interval])) or vector(0)`,
            ),
          ),
        },
      },
      {
        title: "Kernels",
        panels: {
          kernels: chart(
            { title: "Kernels by type", unit: "decimal", stacked: true },
            promql(`sum by (type) (${kernels}${of})`, "{{type}}"),
          ),
          terminals: chart(
            { title: "Terminals", unit: "decimal" },
            promql(`sum by (instance) (terminal_currently_running_total${of})`, "{{instance}}"),
          ),
          memory: chart(
            { title: "Memory with kernels", unit: "bytes", description: "Needs jupyter-resource-usage." },
            promql(`total_memory_usage${of}`, "{{instance}}"),
            promql(`max_memory_usage${of} > 0`, "{{instance}} limit"),
          ),
          cpu: chart(
            {
              title: "CPU with kernels",
              unit: "percent",
              description: "Needs jupyter-resource-usage; 100 is one core.",
            },
            promql(`total_cpu_usage${of}`, "{{instance}}"),
          ),
        },
      },
      {
        title: "Server",
        panels: {
          requests: chart(
            { title: "Requests by status", unit: "requests/sec", stacked: true },
            promql(
              `sum by (status_code) (rate(http_request_duration_seconds_count${of}[$__rate_interval]))`,
              "{{status_code}}",
            ),
          ),
          latency: chart(
            { title: "Latency", unit: "seconds", thresholds: [{ value: "{{latency_seconds}}", color: red }] },
            ...[0.5, 0.95].map((quantile) =>
              promql(
                `histogram_quantile(${quantile}, sum by (le) (rate(http_request_duration_seconds_bucket${of}[$__rate_interval])))`,
                `${quantile * 100}%`,
              )
            ),
          ),
          process_memory: chart(
            { title: "Memory of the server process", unit: "bytes" },
            promql(`process_resident_memory_bytes${of}`, "{{instance}}"),
          ),
          process_cpu: chart(
            { title: "CPU of the server process", unit: "percent-decimal" },
            promql(`rate(process_cpu_seconds_total${of}[$__rate_interval])`, "{{instance}}"),
          ),
        },
      },
    ],
  }),
};
