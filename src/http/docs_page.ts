/**
 * `GET /docs`: the operations of openapi.json as one HTML page. Rendered here, without scripts and without anything
 * fetched from elsewhere, so that it also works where there is no internet.
 */

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly {
    name: string;
    in: string;
    required?: boolean;
    schema?: unknown;
    description?: string;
  }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { schema?: unknown }>> };
  readonly responses?: Readonly<
    Record<string, { description?: string; content?: Record<string, { schema?: unknown }> }>
  >;
}

const methodOrder = ["get", "post", "put", "patch", "delete"];

/** Renders an OpenAPI 3.1 document. */
export function docsPage(document: Readonly<Record<string, unknown>>): string {
  const info = document["info"] as { title: string; version: string; description?: string };
  const paths = (document["paths"] ?? {}) as Record<string, Record<string, Operation>>;
  const schemas = ((document["components"] as { schemas?: Record<string, unknown> } | undefined)?.schemas) ?? {};
  const groups = new Map<string, string[]>();
  for (const [path, item] of Object.entries(paths)) {
    for (const method of methodOrder) {
      const operation = item[method];
      if (operation === undefined) continue;
      const tag = operation.tags?.[0] ?? "other";
      groups.set(tag, [...(groups.get(tag) ?? []), operationSection(method, path, operation)]);
    }
  }
  const navigation = [...groups.keys()].map((tag) => `<a href="#${slug(tag)}">${escapeHtml(tag)}</a>`).join(" · ");
  const sections = [...groups].map(([tag, operations]) =>
    `<h2 id="${slug(tag)}">${escapeHtml(tag)}</h2>\n${operations.join("\n")}`
  ).join("\n");
  const schemaSections = Object.entries(schemas).map(([name, schema]) =>
    `<details id="schema-${slug(name)}"><summary><code>${escapeHtml(name)}</code></summary>${pretty(schema)}</details>`
  ).join("\n");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(info.title)} API</title><style>${style}</style></head><body>
<h1>${escapeHtml(info.title)} API <small>${escapeHtml(info.version)}</small></h1>
<p>${escapeHtml(info.description ?? "")} The machine-readable form is <a href="openapi.json">openapi.json</a>.
Send <code>Authorization: Bearer KEY</code>.</p>
<nav>${navigation}</nav>
${sections}
<h2 id="schemas">Schemas</h2>
${schemaSections}
</body></html>`;
}

function operationSection(method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map((parameter) =>
    `<tr><td><code>${escapeHtml(parameter.name)}</code></td><td>${escapeHtml(parameter.in)}${
      parameter.required ? ", required" : ""
    }</td><td><code>${escapeHtml(JSON.stringify(parameter.schema ?? {}))}</code> ${
      escapeHtml(parameter.description ?? "")
    }</td></tr>`
  ).join("");
  const bodies = Object.entries(operation.requestBody?.content ?? {}).map(([type, body]) =>
    `<h4>Body: ${escapeHtml(type)}</h4>${pretty(body.schema ?? {})}`
  ).join("");
  const answers = Object.entries(operation.responses ?? {}).map(([status, answer]) =>
    `<h4>${escapeHtml(status)}: ${escapeHtml(answer.description ?? "")}</h4>${
      Object.values(answer.content ?? {}).map((content) => pretty(content.schema ?? {})).join("")
    }`
  ).join("");
  return `<details><summary><b class="${method}">${method.toUpperCase()}</b> <code>${escapeHtml(path)}</code> ${
    escapeHtml(operation.summary ?? "")
  }</summary><p>${escapeHtml(operation.description ?? "")}</p>${
    parameters === "" ? "" : `<table>${parameters}</table>`
  }${bodies}${answers}</details>`;
}

function pretty(value: unknown): string {
  return `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`;
}

function slug(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733; }
h1 small { font-weight: normal; color: #5b6b7b; } nav { margin: 1rem 0; }
details { border: 1px solid #d7dee5; border-radius: 6px; padding: .4rem .8rem; margin: .4rem 0; }
summary { cursor: pointer; } summary b { display: inline-block; min-width: 4.2rem; }
b.get { color: #1a6dad; } b.post { color: #1a7f4b; } b.patch, b.put { color: #97650a; } b.delete { color: #b3261e; }
pre { background: #f4f6f8; padding: .6rem; overflow: auto; font-size: 13px; } code { font-size: 14px; }
table { border-collapse: collapse; } td { padding: .2rem .8rem .2rem 0; vertical-align: top; }
@media (prefers-color-scheme: dark) { body { background: #12181f; color: #dce4ec; } pre { background: #1b242d; }
details { border-color: #34414e; } a { color: #6cb6ff; } }`;
