/** Rules of creating and updating, as a table of documents and Perses' messages. */
import { deepEqual } from "node:assert/strict";
import { nothingAround } from "./documents.ts";
import {
  dashboard,
  datasource,
  problemsOf,
  proxy,
  testRefused,
  textVariable,
  url,
  withPlugin,
  withQuery,
  withVariables,
} from "./documents_testing.ts";

testRefused([
  [
    "an HTTP proxy has a url",
    "Datasource",
    proxy("HTTPProxy", {}),
    "/spec/plugin/spec/proxy/spec/url",
    "url cannot be empty",
  ],
  [
    "headers are allowed or dropped",
    "Datasource",
    proxy("HTTPProxy", { url, allowHeaders: ["a"], dropHeaders: ["b"] }),
    "/spec/plugin/spec/proxy/spec/dropHeaders",
    "cannot specify both allowHeaders and dropHeaders at the same time",
  ],
  [
    "methods are known",
    "Datasource",
    proxy("httpproxy", { url, allowedEndpoints: [{ endpointPattern: "/", method: "HEAD" }] }),
    "/spec/plugin/spec/proxy/spec/allowedEndpoints/0/method",
    '"HEAD" is not a valid http method. Current supported HTTP method: GET, POST, DELETE, PUT, PATCH',
  ],
  [
    "patterns are RE2",
    "Datasource",
    proxy("HTTPProxy", { url, allowedEndpoints: [{ endpointPattern: "(?=a)", method: "GET" }] }),
    "/spec/plugin/spec/proxy/spec/allowedEndpoints/0/endpointPattern",
    'error parsing regexp: invalid or unsupported Perl syntax: "(?=a)"',
  ],
  [
    "a SQL proxy has a driver",
    "Datasource",
    proxy("SQLProxy", { host: "h", database: "d" }),
    "/spec/plugin/spec/proxy/spec/driver",
    "driver is required",
  ],
  [
    "a SQL proxy's driver is known",
    "Datasource",
    proxy("SQLProxy", { driver: "oracle", host: "h", database: "d" }),
    "/spec/plugin/spec/proxy/spec/driver",
    "driver oracle is not supported",
  ],
  [
    "a SQL proxy has a host",
    "Datasource",
    proxy("SQLProxy", { driver: "postgres", database: "d" }),
    "/spec/plugin/spec/proxy/spec/host",
    "host cannot be empty",
  ],
  [
    "ssl modes are known",
    "Datasource",
    proxy("SQLProxy", { driver: "postgres", host: "h", database: "d", postgres: { ssl_mode: "perhaps" } }),
    "/spec/plugin/spec/proxy/spec/postgres/ssl_mode",
    "unknown ssl mode perhaps",
  ],
  [
    "variable names are words",
    "Dashboard",
    withVariables(textVariable("a-b", "x")),
    "/spec/variables/0/spec/name",
    "variable name 'a-b' is not valid",
  ],
  [
    "built-in names are taken",
    "Dashboard",
    withVariables(textVariable("__a", "x")),
    "/spec/variables/0/spec/name",
    "variable name '__a' can not have builtin variable prefix: __",
  ],
  [
    "a variable document's name",
    "Variable",
    { kind: "Variable", metadata: { name: "a.b" }, spec: { kind: "TextVariable", spec: { value: "x" } } },
    "/metadata/name",
    "variable name 'a.b' is not valid",
  ],
  [
    "used variables exist",
    "Dashboard",
    withVariables(textVariable("a", "$b and $1 and $__range and ${c}")),
    "/spec/variables/0/spec",
    'variable "b" is used in the variable "a" but not defined',
  ],
  [
    "variables do not need themselves",
    "Dashboard",
    withVariables(textVariable("x", "1"), textVariable("a", "$b $x"), textVariable("b", "$a")),
    "/spec/variables/1/spec",
    "circular dependency detected",
  ],
  [
    "a required field",
    "Dashboard",
    withPlugin({ kind: "StatChart", spec: {} }),
    "/spec/panels/p/spec/plugin/spec/calculation",
    'invalid panel plugin "StatChart": spec.calculation: field is required but not present',
  ],
  [
    "an unknown field",
    "Dashboard",
    withPlugin({ kind: "TimeSeriesChart", spec: { legned: {} } }),
    "/spec/panels/p/spec/plugin/spec/legned",
    'invalid panel plugin "TimeSeriesChart": spec.legned: field not allowed',
  ],
  [
    "a value out of bounds",
    "Dashboard",
    withPlugin({ kind: "TimeSeriesChart", spec: { visual: { lineWidth: 4 } } }),
    "/spec/panels/p/spec/plugin/spec/visual/lineWidth",
    'invalid panel plugin "TimeSeriesChart": spec.visual.lineWidth: invalid value 4 (out of bound <=3)',
  ],
  [
    "a query's text",
    "Dashboard",
    withQuery({ kind: "DuckDBTimeSeriesQuery", spec: { query: "" } }),
    "/spec/panels/p/spec/queries/0/spec/plugin/spec/query",
    'invalid query plugin "DuckDBTimeSeriesQuery": spec.query: invalid value "" (does not satisfy minRunes(1))',
  ],
  [
    "BarChart is checked when it is Perses' own",
    "Dashboard",
    withPlugin({ kind: "BarChart", spec: { calculation: "last", nested: {} } }),
    "/spec/panels/p/spec/plugin/spec/nested",
    'invalid panel plugin "BarChart": spec.nested: field not allowed',
  ],
  [
    "a datasource is reached in one way",
    "Datasource",
    datasource({ directUrl: url, proxy: { kind: "HTTPProxy", spec: { url } } }),
    "/spec/plugin/spec/directUrl",
    'invalid datasource plugin "PrometheusDatasource": spec.directUrl: field not allowed beside spec.proxy; one of them is enough',
  ],
  [
    "one default of a kind",
    "Dashboard",
    dashboard({
      datasources: {
        a: { default: true, plugin: { kind: "X" } },
        b: { default: false, plugin: { kind: "X" } },
        c: { default: true, plugin: { kind: "X" } },
      },
    }),
    "/spec/datasources/c/default",
    'c can not be defined as default datasource: there is already a default defined for kind "X"',
  ],
  [
    "folder items",
    "Folder",
    { kind: "Folder", metadata: { name: "f" }, spec: { items: [{ kind: "Panel", name: "a" }] } },
    "/spec/items/0/kind",
    'kind can only be "Dashboard" or "Folder" but not "Panel"',
  ],
  [
    "a dashboard has no items",
    "Folder",
    {
      kind: "Folder",
      metadata: { name: "f" },
      spec: { items: [{ kind: "Dashboard", name: "a", items: [{ kind: "Dashboard", name: "b" }] }] },
    },
    "/spec/items/0/items",
    'when kind is equal to "Dashboard", then items must be empty',
  ],
  [
    "a dashboard is in one place",
    "Folder",
    {
      kind: "Folder",
      metadata: { name: "f" },
      spec: {
        items: [
          { kind: "Dashboard", name: "a" },
          { kind: "Folder", name: "g", items: [{ kind: "Dashboard", name: "a" }] },
        ],
      },
    },
    "/spec/items/1/items/0/name",
    'dashboard "a" is referenced multiple times in the folder "f"',
  ],
  [
    "tags are trimmed",
    "Dashboard",
    { ...dashboard({}), metadata: { name: "d", tags: ["ok", " x"] } },
    "/metadata/tags/1",
    'tag " x" cannot start or end with whitespace',
  ],
  [
    "tags are few",
    "Dashboard",
    { ...dashboard({}), metadata: { name: "d", tags: Array.from({ length: 21 }, (_, index) => `t${index}`) } },
    "/metadata/tags",
    "cannot contain more than 20 tags",
  ],
], deepEqual);

Deno.test("a dashboard's variable may need one of its project or of the server, and hides one of the same name", () => {
  const named = (name: string, value: string) => ({ name, spec: { kind: "TextVariable", spec: { value } } });
  const around = {
    ...nothingAround,
    projectVariables: [named("p", "$g"), named("hidden", "$missing")],
    globalVariables: [named("g", "1")],
  };
  const body = withVariables(textVariable("a", "$p"), textVariable("hidden", "x"));
  deepEqual(problemsOf("Dashboard", body, around), []);
  deepEqual(problemsOf("Dashboard", withVariables(textVariable("a", "$p")), around), [[
    "/spec/variables",
    'variable "missing" is used in the variable "hidden" but not defined',
  ]]);
});

Deno.test("a second default datasource of a kind is refused, the same one again is not", () => {
  const others = (name: string) => ({
    ...nothingAround,
    datasources: [{ name, spec: { default: true, plugin: { kind: "PrometheusDatasource", spec: {} } } }],
  });
  deepEqual(problemsOf("Datasource", datasource({ directUrl: url }), others("s")), []);
  deepEqual(problemsOf("Datasource", datasource({ directUrl: url }), others("first")), [[
    "/spec/default",
    'datasource "s" cannot be a default "PrometheusDatasource" because there is already one defined named "first"',
  ]]);
});

Deno.test("a plugin that the server has no schema of is accepted, and so is another plugin named BarChart", () => {
  deepEqual(problemsOf("Dashboard", withPlugin({ kind: "CanvasChart", spec: { anything: true } })), []);
  deepEqual(problemsOf("Dashboard", withPlugin({ kind: "BarChart", spec: { nested: { iwas: "stat" } } })), []);
});
