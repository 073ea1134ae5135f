/**
 * Training Job: progress, GPUs and containers of a training job in Kubernetes. Expects the job's own metrics (their names are
 * parameters, since there is no convention), DCGM exporter (`DCGM_FI_*`), cAdvisor (`container_*`) and kube-state-metrics.
 */
import type { SystemTemplate } from "../service.ts";
import {
  chart,
  dashboard,
  datasourceParameter,
  gauge,
  labelVariable,
  limitParameter,
  metricParameter,
  orange,
  promql,
  red,
  stat,
} from "./build.ts";

const description = "Loss, speed, GPUs, memory and restarts of training jobs in Kubernetes.";
const own = '{job=~"$job",instance=~"$instance",namespace=~"$namespace"}';
const pods = '{namespace=~"$namespace",pod=~"$pod"}';
const containers = '{namespace=~"$namespace",pod=~"$pod",container!="",container!="POD"}';

export const trainingJob: SystemTemplate = {
  name: "training-job",
  title: "Training Job",
  description,
  category: "machine learning",
  parameters: [
    datasourceParameter,
    metricParameter("loss_metric", "Metric of the loss", "training_loss", "A gauge that the job exports."),
    metricParameter("epoch_metric", "Metric of the epoch", "training_epoch", "A gauge that the job exports."),
    metricParameter("samples_metric", "Metric of samples", "training_samples_total", "A counter that the job exports."),
    limitParameter("gpu_celsius", "Temperature of a GPU", 85, "Degrees Celsius; where the line is drawn."),
  ],
  spec: dashboard({
    description,
    duration: "6h",
    refreshInterval: "1m",
    variables: [
      labelVariable("namespace", "Namespace", "namespace", "{{loss_metric}}"),
      labelVariable("job", "Job", "job", '{{loss_metric}}{namespace=~"$namespace"}'),
      labelVariable("instance", "Instance", "instance", '{{loss_metric}}{job=~"$job"}'),
      labelVariable("pod", "Pod", "pod", 'container_memory_working_set_bytes{namespace=~"$namespace"}'),
    ],
    rows: [
      {
        title: "Now",
        panels: {
          loss_now: stat({ title: "Loss", unit: "decimal" }, promql(`avg({{loss_metric}}${own})`)),
          epoch_now: stat({ title: "Epoch", decimals: 0 }, promql(`max({{epoch_metric}}${own})`)),
          speed_now: stat(
            { title: "Samples", unit: "records/sec" },
            promql(`sum(rate({{samples_metric}}${own}[$__rate_interval]))`),
          ),
          gpu_now: gauge(
            {
              title: "GPU",
              unit: "percent",
              max: 100,
              thresholds: [{ value: 0, color: red }, { value: 30, color: orange }, { value: 60, color: "#2A9D8F" }],
            },
            promql(`avg(DCGM_FI_DEV_GPU_UTIL${pods})`),
          ),
          memory_now: stat(
            { title: "Memory", unit: "bytes" },
            promql(`sum(container_memory_working_set_bytes${containers})`),
          ),
          restarts_now: stat(
            { title: "Restarts", decimals: 0, thresholds: [{ value: 1, color: orange }, { value: 5, color: red }] },
            promql(`sum(increase(kube_pod_container_status_restarts_total${pods}[$__range]))`),
          ),
        },
      },
      {
        title: "Progress",
        panels: {
          loss: chart({ title: "Loss", unit: "decimal" }, promql(`{{loss_metric}}${own}`, "{{instance}}")),
          speed: chart(
            { title: "Samples", unit: "records/sec", stacked: true },
            promql(`sum by (instance) (rate({{samples_metric}}${own}[$__rate_interval]))`, "{{instance}}"),
          ),
        },
      },
      {
        title: "GPU",
        panels: {
          gpu: chart(
            { title: "Use", unit: "percent", max: 100 },
            promql(`DCGM_FI_DEV_GPU_UTIL${pods}`, "{{pod}} GPU {{gpu}}"),
          ),
          gpu_memory: chart(
            { title: "Memory", unit: "bytes" },
            promql(`DCGM_FI_DEV_FB_USED${pods} * 1048576`, "{{pod}} GPU {{gpu}}"),
          ),
          temperature: chart(
            { title: "Temperature", unit: "celsius", thresholds: [{ value: "{{gpu_celsius}}", color: red }] },
            promql(`DCGM_FI_DEV_GPU_TEMP${pods}`, "{{pod}} GPU {{gpu}}"),
          ),
          power: chart(
            { title: "Power (W)", unit: "decimal" },
            promql(`DCGM_FI_DEV_POWER_USAGE${pods}`, "{{pod}} GPU {{gpu}}"),
          ),
        },
      },
      {
        title: "Containers",
        panels: {
          cpu: chart(
            { title: "CPU cores", unit: "decimal" },
            promql(`sum by (pod) (rate(container_cpu_usage_seconds_total${containers}[$__rate_interval]))`, "{{pod}}"),
          ),
          memory: chart(
            { title: "Memory", unit: "bytes" },
            promql(`sum by (pod) (container_memory_working_set_bytes${containers})`, "{{pod}}"),
          ),
          network: chart(
            { title: "Network", unit: "bytes/sec" },
            promql(`sum by (pod) (rate(container_network_receive_bytes_total${pods}[$__rate_interval]))`, "{{pod}} in"),
            promql(
              `sum by (pod) (rate(container_network_transmit_bytes_total${pods}[$__rate_interval]))`,
              "{{pod}} out",
            ),
          ),
          jobs: chart(
            { title: "Kubernetes jobs", unit: "decimal" },
            promql('sum(kube_job_status_active{namespace=~"$namespace"})', "active"),
            promql('sum(kube_job_status_failed{namespace=~"$namespace"})', "failed"),
            promql('sum(kube_job_status_succeeded{namespace=~"$namespace"})', "succeeded"),
          ),
        },
      },
    ],
  }),
};
