/**
 * Data Pipeline: freshness, runs and rows of batch jobs, and Airflow's scheduler. Expects metrics as Prometheus' guide for batch
 * jobs wants them (names are parameters, one label tells pipelines apart), and Airflow through statsd_exporter (`airflow_*`).
 */
import type { SystemTemplate } from "../service.ts";
import {
  chart,
  dashboard,
  datasourceParameter,
  labelVariable,
  limitParameter,
  metricParameter,
  orange,
  promql,
  red,
  stat,
} from "./build.ts";

const description = "Freshness, duration, rows and failures of data pipelines, and Airflow's scheduler.";
const scrape = 'job=~"$job",instance=~"$instance",namespace=~"$namespace"';
const of = `{${scrape},{{pipeline_label}}=~"$pipeline"}`;
const airflow = `{namespace=~"$namespace"}`;
const success = "{{success_metric}}";

export const dataPipeline: SystemTemplate = {
  name: "data-pipeline",
  title: "Data Pipeline",
  description,
  category: "data",
  parameters: [
    datasourceParameter,
    metricParameter(
      "success_metric",
      "Metric of the last success",
      "pipeline_last_success_timestamp_seconds",
      "A gauge: seconds since 1970.",
    ),
    metricParameter(
      "duration_metric",
      "Metric of the duration",
      "pipeline_duration_seconds",
      "A gauge: of the last run.",
    ),
    metricParameter("rows_metric", "Metric of rows", "pipeline_rows_processed_total", "A counter."),
    metricParameter("failures_metric", "Metric of failures", "pipeline_failures_total", "A counter."),
    metricParameter("pipeline_label", "Label of the pipeline", "pipeline", "Tells the pipelines apart."),
    limitParameter("stale_seconds", "Age of the last success", 86_400, "Seconds; where the line is drawn."),
  ],
  spec: dashboard({
    description,
    duration: "1d",
    refreshInterval: "1m",
    variables: [
      labelVariable("namespace", "Namespace", "namespace", success),
      labelVariable("job", "Job", "job", `${success}{namespace=~"$namespace"}`),
      labelVariable("instance", "Instance", "instance", `${success}{job=~"$job"}`),
      labelVariable("pipeline", "Pipeline", "{{pipeline_label}}", `${success}{job=~"$job",instance=~"$instance"}`),
    ],
    rows: [
      {
        title: "Now",
        panels: {
          stalest: stat(
            {
              title: "Oldest success",
              unit: "seconds",
              decimals: 0,
              width: 6,
              thresholds: [{ value: "{{stale_seconds}}", color: red }],
            },
            promql(`max(time() - ${success}${of})`),
          ),
          stale: stat(
            { title: "Stale pipelines", decimals: 0, width: 6, thresholds: [{ value: 1, color: red }] },
            promql(`count((time() - ${success}${of}) > {{stale_seconds}}) or vector(0)`),
          ),
          failures_now: stat(
            { title: "Failures in this time", decimals: 0, width: 6, thresholds: [{ value: 1, color: orange }] },
            promql(`sum(increase({{failures_metric}}${of}[$__range]))`),
          ),
          rows_now: stat(
            { title: "Rows", unit: "rows/sec", width: 6 },
            promql(`sum(rate({{rows_metric}}${of}[$__rate_interval]))`),
          ),
        },
      },
      {
        title: "Pipelines",
        panels: {
          age: chart(
            {
              title: "Age of the last success",
              unit: "seconds",
              thresholds: [{ value: "{{stale_seconds}}", color: red }],
            },
            promql(`time() - max by ({{pipeline_label}}) (${success}${of})`),
          ),
          durations: chart(
            { title: "Duration of the last run", unit: "seconds" },
            promql(`max by ({{pipeline_label}}) ({{duration_metric}}${of})`),
          ),
          rows: chart(
            { title: "Rows", unit: "rows/sec", stacked: true },
            promql(`sum by ({{pipeline_label}}) (rate({{rows_metric}}${of}[$__rate_interval]))`),
          ),
          failures: chart(
            { title: "Failures", unit: "ops/sec", bars: true },
            promql(`sum by ({{pipeline_label}}) (rate({{failures_metric}}${of}[$__rate_interval]))`),
          ),
        },
      },
      {
        title: "Airflow",
        closed: true,
        panels: {
          tasks: chart(
            { title: "Finished tasks", unit: "ops/sec", stacked: true },
            promql(`sum(rate(airflow_ti_successes${airflow}[$__rate_interval]))`, "succeeded"),
            promql(`sum(rate(airflow_ti_failures${airflow}[$__rate_interval]))`, "failed"),
          ),
          executor: chart(
            { title: "Executor", unit: "decimal" },
            promql(`sum(airflow_executor_running_tasks${airflow})`, "running"),
            promql(`sum(airflow_executor_queued_tasks${airflow})`, "queued"),
            promql(`sum(airflow_executor_open_slots${airflow})`, "open slots"),
          ),
          heartbeat: chart(
            {
              title: "Scheduler's heartbeats",
              unit: "ops/sec",
              description: "None: the scheduler does not run.",
            },
            promql(`sum(rate(airflow_scheduler_heartbeat${airflow}[$__rate_interval]))`, "heartbeats"),
          ),
          parsing: chart(
            { title: "DAGs that cannot be imported", unit: "decimal", thresholds: [{ value: 1, color: orange }] },
            promql(`sum(airflow_dag_processing_import_errors${airflow})`, "import errors"),
          ),
        },
      },
    ],
  }),
};
