/** Panels, queries and variables of Grafana, one by one. */
import { deepEqual, equal } from "node:assert/strict";
import type { JsonObject, JsonValue } from "../types.ts";
import { migrate, panelOf, pluginOf, variableOf } from "./migrate_testing.ts";
import { at } from "./read.ts";

const prometheus = { type: "prometheus", uid: "Main" };

Deno.test("a time series keeps axis, legend, unit, thresholds, stacking and the colour of a query", () => {
  deepEqual(
    panelOf({
      type: "timeseries",
      title: "CPU",
      description: "of all",
      datasource: prometheus,
      links: [{ title: "more", url: "/d/x?var=${v}", targetBlank: true }],
      fieldConfig: {
        defaults: {
          unit: "percentunit",
          decimals: 1,
          min: 0,
          thresholds: {
            mode: "absolute",
            steps: [{ color: "green", value: null }, { color: "rgb(255, 0, 0)", value: 80 }],
          },
          custom: {
            axisLabel: "busy",
            fillOpacity: 20,
            lineWidth: 5,
            lineStyle: { fill: "dash" },
            drawStyle: "bars",
            spanNulls: true,
            stacking: { mode: "normal" },
            thresholdsStyle: { mode: "line" },
            scaleDistribution: { type: "log", log: 10 },
          },
        },
        overrides: [
          {
            matcher: { id: "byFrameRefID", options: "B" },
            properties: [{ id: "color", value: { fixedColor: "blue" } }],
          },
        ],
      },
      options: { legend: { displayMode: "table", placement: "right", calcs: ["mean", "lastNotNull", "variance"] } },
      targets: [
        { refId: "A", expr: "up", legendFormat: "{{job}}", interval: "30s" },
        { refId: "B", expr: "down", instant: true, legendFormat: "__auto" },
        { refId: "C", expr: "hidden", hide: true },
      ],
    }),
    {
      display: { name: "CPU", description: "of all" },
      plugin: {
        kind: "TimeSeriesChart",
        spec: {
          legend: { position: "right", mode: "table", values: ["mean", "last-number"] },
          yAxis: { label: "busy", format: { unit: "percent-decimal", decimalPlaces: 1 }, min: 0, logBase: 10 },
          thresholds: { defaultColor: "#73bf69", steps: [{ value: 80, color: "#ff0000" }] },
          visual: {
            display: "bar",
            lineWidth: 3,
            lineStyle: "dashed",
            areaOpacity: 0.2,
            stack: "all",
            connectNulls: true,
          },
          querySettings: [{ queryIndex: 1, colorMode: "fixed", colorValue: "#5794f2" }],
        },
      },
      queries: [
        {
          kind: "TimeSeriesQuery",
          spec: {
            plugin: {
              kind: "PrometheusTimeSeriesQuery",
              spec: {
                query: "up",
                datasource: { kind: "PrometheusDatasource", name: "main" },
                seriesNameFormat: "{{job}}",
                minStep: "30s",
              },
            },
          },
        },
        {
          kind: "TimeSeriesQuery",
          spec: {
            plugin: {
              kind: "PrometheusTimeSeriesQuery",
              spec: { query: "down", datasource: { kind: "PrometheusDatasource", name: "main" }, instant: true },
            },
          },
        },
      ],
      links: [{ name: "more", url: "/d/x?var=${v}", renderVariables: true, targetBlank: true }],
    },
  );
});

Deno.test("the panel types of Grafana and the plugins they become", () => {
  const reduce = { reduceOptions: { calcs: ["max"] } };
  const cases: readonly (readonly [JsonObject, JsonValue])[] = [
    [{ type: "stat", options: { ...reduce, colorMode: "background", graphMode: "area" } }, {
      kind: "StatChart",
      spec: { calculation: "max", sparkline: {}, colorMode: "background_solid" },
    }],
    [{
      type: "singlestat",
      valueName: "avg",
      format: "s",
      thresholds: "50,80",
      colors: ["#000000", "#111111", "#222222"],
      valueMaps: [{ value: "null", text: "N/A" }],
    }, {
      kind: "StatChart",
      spec: {
        calculation: "mean",
        format: { unit: "seconds" },
        thresholds: {
          defaultColor: "#000000",
          steps: [{ value: 50, color: "#111111" }, { value: 80, color: "#222222" }],
        },
        mappings: [{ kind: "Value", spec: { value: "null", result: { value: "N/A" } } }],
      },
    }],
    [{ type: "singlestat", gauge: { show: true, maxValue: 9 } }, {
      kind: "GaugeChart",
      spec: { calculation: "mean", max: 9 },
    }],
    [{ type: "gauge", options: reduce, fieldConfig: { defaults: { max: 5, unit: "bytes" } } }, {
      kind: "GaugeChart",
      spec: { calculation: "max", format: { unit: "bytes" }, max: 5 },
    }],
    [{ type: "bargauge", options: { orientation: "vertical" } }, {
      kind: "BarChart",
      spec: { calculation: "last-number", orientation: "vertical" },
    }],
    [{ type: "barchart", options: { stacking: "percent" } }, {
      kind: "BarChart",
      spec: { calculation: "last-number", isStacked: true, mode: "percentage" },
    }],
    [{ type: "piechart", options: { displayLabels: ["percent"], legend: { showLegend: false } } }, {
      kind: "PieChart",
      spec: { calculation: "last-number", radius: 50, showLabels: true, mode: "percentage" },
    }],
    [{
      type: "table",
      transformations: [{ id: "organize", options: { excludeByName: { Time: true }, renameByName: { job: "Job" } } }],
      fieldConfig: {
        overrides: [{ matcher: { id: "byName", options: "Value" }, properties: [{ id: "unit", value: "s" }] }],
      },
    }, {
      kind: "Table",
      spec: {
        columnSettings: [{ name: "job", header: "Job" }, { name: "Time", hide: true }, {
          name: "Value",
          format: { unit: "seconds" },
        }],
      },
    }],
    [{ type: "text", options: { mode: "code", content: "a", code: { language: "sql" } } }, {
      kind: "Markdown",
      spec: { text: "```sql\na\n```" },
    }],
    [{ type: "text", content: "# old" }, { kind: "Markdown", spec: { text: "# old" } }],
    [{ type: "heatmap", options: { yAxis: { unit: "s" }, cellValues: { unit: "short" } } }, {
      kind: "HeatMapChart",
      spec: { yAxisFormat: { unit: "seconds" }, countFormat: { unit: "decimal", shortValues: true } },
    }],
    [{ type: "histogram", fieldConfig: { defaults: { min: 1 } } }, { kind: "HistogramChart", spec: { min: 1 } }],
    [{
      type: "state-timeline",
      fieldConfig: {
        defaults: {
          mappings: [
            { type: "value", options: { "0": { text: "down", color: "red" } } },
            { type: "range", options: { from: 1, to: null, result: { text: "up" } } },
            { type: "regex", options: { pattern: "x.*", result: { text: "x" } } },
            { type: "special", options: { match: "null+nan", result: { text: "-" } } },
          ],
        },
      },
    }, {
      kind: "StatusHistoryChart",
      spec: {
        mappings: [
          { kind: "Value", spec: { value: "0", result: { value: "down", color: "#f2495c" } } },
          { kind: "Range", spec: { from: 1, result: { value: "up" } } },
          { kind: "Regex", spec: { pattern: "x.*", result: { value: "x" } } },
          { kind: "Misc", spec: { value: "null", result: { value: "-" } } },
          { kind: "Misc", spec: { value: "NaN", result: { value: "-" } } },
        ],
      },
    }],
    [{ type: "logs" }, { kind: "LogsTable", spec: { showTime: true } }],
    [{ type: "geomap" }, {
      kind: "Markdown",
      spec: { text: '**Not migrated from Grafana:** here was a panel of the type "geomap".' },
    }],
    [{ libraryPanel: { name: "Shared", uid: "x" } }, {
      kind: "Markdown",
      spec: {
        text:
          '**Not migrated from Grafana:** here was the library panel "Shared", whose definition is not part of the dashboard.',
      },
    }],
  ];
  for (const [panel, plugin] of cases) deepEqual(pluginOf(panel), plugin, JSON.stringify(panel));
});

Deno.test("an old graph keeps its axis, legend and stacking", () => {
  deepEqual(
    pluginOf({
      type: "graph",
      yaxes: [{ format: "bytes", label: "size", min: "0", logBase: 1 }, {}],
      legend: { show: true, avg: true, alignAsTable: true, rightSide: true },
      stack: true,
      fill: 3,
      linewidth: 2,
      nullPointMode: "connected",
    }),
    {
      kind: "TimeSeriesChart",
      spec: {
        legend: { position: "right", mode: "table", values: ["mean"] },
        yAxis: { label: "size", format: { unit: "bytes" }, min: 0 },
        visual: { lineWidth: 2, areaOpacity: 0.3, stack: "all", connectNulls: true },
      },
    },
  );
});

Deno.test("a panel whose queries cannot be asked says which it had; SQL becomes a DuckDB query", () => {
  deepEqual(
    pluginOf({ type: "timeseries", datasource: { type: "graphite", uid: "g" }, targets: [{ target: "a.b" }] }),
    {
      kind: "Markdown",
      spec: {
        text: '**Not migrated from Grafana:** here was a panel of the type "timeseries" with queries to "graphite".',
      },
    },
  );
  const sql = panelOf({
    type: "table",
    datasource: { type: "postgres" },
    targets: [{ rawSql: "SELECT 1", format: "table" }],
  });
  deepEqual(sql["queries"], [{
    kind: "Query",
    spec: { plugin: { kind: "DuckDBQuery", spec: { query: "SELECT 1" } } },
  }]);
});

Deno.test("datasources: a variable stays one, an unknown one and the default are left out, as all are when asked for", () => {
  const templating = { list: [{ name: "ds", type: "datasource", query: "prometheus" }] };
  const datasourceOf = (datasource: JsonValue, useDefaultDatasource = false) => {
    const panels = [{ type: "stat", targets: [{ expr: "up", datasource }] }];
    const migrated = migrate({ title: "t", panels, templating }, { useDefaultDatasource });
    const [query] = at(migrated, "spec", "panels", "0", "spec", "queries") as JsonObject[];
    return at(query, "spec", "plugin", "spec", "datasource");
  };
  equal(datasourceOf({ type: "prometheus", uid: "${ds}" }), "$ds");
  equal(datasourceOf("$ds"), "$ds");
  equal(datasourceOf({ type: "prometheus", uid: "${DS_MISSING}" }), undefined);
  equal(datasourceOf({ type: "datasource", uid: "-- Mixed --" }), undefined);
  deepEqual(datasourceOf({ type: "prometheus", uid: "p1" }), { kind: "PrometheusDatasource", name: "p1" });
  equal(datasourceOf({ type: "prometheus", uid: "p1" }, true), undefined);
});

Deno.test("variables: every type with its plugin", () => {
  const pluginOfVariable = (variable: JsonObject) => at(variableOf(variable), "spec", "plugin");
  const query = (text: JsonValue, more: JsonObject = {}) => pluginOfVariable({ type: "query", query: text, ...more });
  const labelValues = (spec: JsonObject) => ({ kind: "PrometheusLabelValuesVariable", spec });
  deepEqual(query('label_values(up{a="b,c"}, job)'), labelValues({ labelName: "job", matchers: ['up{a="b,c"}'] }));
  deepEqual(query({ query: "label_values(job)", refId: "x" }), labelValues({ labelName: "job" }));
  deepEqual(query("label_names()"), { kind: "PrometheusLabelNamesVariable", spec: {} });
  deepEqual(query("metrics(node_.*)"), labelValues({ labelName: "__name__", matchers: ['{__name__=~"node_.*"}'] }));
  deepEqual(query("query_result(sum by (pod) (up))", { regex: '/.*pod="([^"]*)".*/' }), {
    kind: "PrometheusPromQLVariable",
    spec: { expr: "sum by (pod) (up)", labelName: "pod" },
  });
  deepEqual(query("SELECT 1", { datasource: { type: "mysql" } }), {
    kind: "DuckDBValuesVariable",
    spec: { query: "SELECT 1" },
  });
  deepEqual(query("anything", { datasource: { type: "graphite" }, current: { value: ["a", "b"] } }), {
    kind: "StaticListVariable",
    spec: { values: ["a", "b"] },
  });
  deepEqual(pluginOfVariable({ type: "custom", query: "1, two : 2, a\\,b" }), {
    kind: "StaticListVariable",
    spec: { values: ["1", { value: "2", label: "two" }, "a,b"] },
  });
  deepEqual(pluginOfVariable({ type: "interval", query: "1m,10m", auto: true }), {
    kind: "StaticListVariable",
    spec: { values: ["1m", "10m"] },
  });
  deepEqual(pluginOfVariable({ type: "datasource", query: "prometheus" }), {
    kind: "DatasourceVariable",
    spec: { datasourcePluginKind: "PrometheusDatasource" },
  });
});

Deno.test("a list variable keeps choice, all, sorting, label, regular expression and default", () => {
  deepEqual(
    variableOf({
      type: "query",
      query: "label_values(job)",
      label: "Job",
      description: "which",
      hide: 2,
      multi: true,
      includeAll: true,
      allValue: ".*",
      regex: "/(.+)-x/",
      sort: 4,
      current: { value: ["$__all"] },
    }),
    {
      kind: "ListVariable",
      spec: {
        display: { name: "Job", description: "which", hidden: true },
        defaultValue: ["$__all"],
        allowAllValue: true,
        allowMultiple: true,
        customAllValue: ".*",
        capturingRegexp: "(.+)-x",
        sort: "numerical-desc",
        plugin: { kind: "PrometheusLabelValuesVariable", spec: { labelName: "job" } },
        name: "v",
      },
    },
  );
});
