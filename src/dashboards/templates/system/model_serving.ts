/**
 * Model Serving: a Triton inference server behind a Prometheus. Expects Triton's own metrics (`nv_inference_*`, port 8002), with
 * `job` and `instance` from the scrape and `model` from Triton; the GPU row needs `nv_gpu_*`, which Triton exports with DCGM.
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

const description = "Requests, errors, latency by stage, batching and GPUs of Triton inference servers.";
const scrape = 'job=~"$job",instance=~"$instance",namespace=~"$namespace"';
const of = `{${scrape},model=~"$model"}`;
const per = (metric: string) => `sum by (model) (rate(${metric}${of}[$__rate_interval]))`;
/** Microseconds a request spends in a stage. */
const stage = (name: string) =>
  `sum(rate(nv_inference_${name}_duration_us${of}[$__rate_interval])) / ` +
  `sum(rate(nv_inference_request_success${of}[$__rate_interval])) / 1e6`;

export const modelServing: SystemTemplate = {
  name: "model-serving",
  title: "Model Serving",
  description,
  category: "machine learning",
  parameters: [
    datasourceParameter,
    limitParameter("latency_seconds", "Mean latency", 0.5, "Seconds; where the line is drawn."),
    limitParameter("error_percent", "Share of failed requests", 1, "Percent; where the line is drawn."),
  ],
  spec: dashboard({
    description,
    duration: "1h",
    refreshInterval: "30s",
    variables: [
      labelVariable("namespace", "Namespace", "namespace", "nv_inference_request_success"),
      labelVariable("job", "Job", "job", 'nv_inference_request_success{namespace=~"$namespace"}'),
      labelVariable("instance", "Instance", "instance", 'nv_inference_request_success{job=~"$job"}'),
      labelVariable("model", "Model", "model", 'nv_inference_request_success{job=~"$job",instance=~"$instance"}'),
    ],
    rows: [
      {
        title: "Now",
        panels: {
          up: stat(
            {
              title: "Servers up",
              decimals: 0,
              thresholds: [{ value: 0, color: red }, { value: 1, color: "#2A9D8F" }],
            },
            promql(`sum(up{${scrape}})`),
          ),
          rate_now: stat(
            { title: "Requests", unit: "requests/sec" },
            promql(`sum(rate(nv_inference_request_success${of}[$__rate_interval]))`),
          ),
          errors_now: stat(
            {
              title: "Failed",
              unit: "percent",
              decimals: 2,
              thresholds: [{ value: "{{error_percent}}", color: red }],
            },
            promql(
              `100 * sum(rate(nv_inference_request_failure${of}[$__rate_interval])) / ` +
                `(sum(rate(nv_inference_request_success${of}[$__rate_interval])) + ` +
                `sum(rate(nv_inference_request_failure${of}[$__rate_interval])))`,
            ),
          ),
          latency_now: stat(
            { title: "Mean latency", unit: "seconds", thresholds: [{ value: "{{latency_seconds}}", color: red }] },
            promql(stage("request")),
          ),
          pending_now: stat(
            { title: "Waiting requests", decimals: 0, thresholds: [{ value: 50, color: orange }] },
            promql(`sum(nv_inference_pending_request_count${of})`),
          ),
          gpu_now: gauge(
            {
              title: "GPU",
              unit: "percent-decimal",
              max: 1,
              thresholds: [{ value: 0.8, color: orange }, { value: 0.95, color: red }],
            },
            promql(`avg(nv_gpu_utilization{${scrape}})`),
          ),
        },
      },
      {
        title: "Requests",
        panels: {
          requests: chart(
            { title: "Requests by model", unit: "requests/sec", stacked: true },
            promql(per("nv_inference_request_success"), "{{model}}"),
          ),
          failures: chart(
            { title: "Failed requests by model", unit: "requests/sec", stacked: true },
            promql(per("nv_inference_request_failure"), "{{model}}"),
          ),
          latency: chart(
            {
              title: "Mean latency by model",
              unit: "seconds",
              thresholds: [{ value: "{{latency_seconds}}", color: red }],
            },
            promql(
              `${per("nv_inference_request_duration_us")} / ${per("nv_inference_request_success")} / 1e6`,
              "{{model}}",
            ),
          ),
          stages: chart(
            { title: "Mean latency by stage", unit: "seconds", stacked: true },
            promql(stage("queue"), "queue"),
            promql(stage("compute_input"), "input"),
            promql(stage("compute_infer"), "inference"),
            promql(stage("compute_output"), "output"),
          ),
          batches: chart(
            { title: "Mean batch", unit: "decimal", description: "Inferences per execution of the model." },
            promql(`${per("nv_inference_count")} / ${per("nv_inference_exec_count")}`, "{{model}}"),
          ),
          pending: chart(
            { title: "Waiting requests", unit: "decimal" },
            promql(`sum by (model) (nv_inference_pending_request_count${of})`, "{{model}}"),
          ),
        },
      },
      {
        title: "GPU",
        panels: {
          gpu: chart(
            { title: "Use", unit: "percent-decimal", max: 1 },
            promql(`nv_gpu_utilization{${scrape}}`, "{{instance}} {{gpu_uuid}}"),
          ),
          gpu_memory: chart(
            { title: "Memory", unit: "bytes" },
            promql(`nv_gpu_memory_used_bytes{${scrape}}`, "{{instance}} {{gpu_uuid}}"),
          ),
        },
      },
    ],
  }),
};
