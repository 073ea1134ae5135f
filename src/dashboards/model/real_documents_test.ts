/** The real documents of `../shared/data/perses`: each goes in and comes out with the same meaning, or is refused. */
import { deepEqual, equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { JsonObject, JsonValue } from "../types.ts";
import { decodeDocument, type DocumentKind, nothingAround, validateDocument } from "./documents.ts";

const folder = fileURLToPath(new URL("../../../../shared/data/perses/", import.meta.url));
const isThere = await Deno.stat(folder).then(() => true, () => false);
const remark = isThere ? "" : " (skipped: shared/data/perses not here)";

/** Documents of a file, with the kind of the route that they would go to. */
async function readDocuments(file: string): Promise<{ kind: DocumentKind; body: JsonObject }[]> {
  const content = parse(await Deno.readTextFile(folder + file)) as JsonValue;
  const bodies = (Array.isArray(content) ? content : [content]) as JsonObject[];
  return bodies.map((body) => ({ kind: body["kind"] as DocumentKind, body }));
}

const accepted: Readonly<Record<string, number>> = {
  "cd-istio-performance.yaml": 1,
  "cd-k8s-namespace-resources.yaml": 1,
  "cd-kubelet.yaml": 1,
  "cd-prometheus.yaml": 1,
  "perses-dac-expected.json": 1,
  "perses-migrated-basic.json": 1,
  "perses-migrated-panel-repeat.json": 1,
  "perses-migrated-row-repeat.json": 1,
  "perses-e2e-empty.json": 1,
  "perses-validate-regex-in-variable.json": 1,
  "perses-cli-multiple-resources.json": 4,
  "perses-dev-6-project.json": 3,
  "perses-dev-8-datasource.json": 2,
  "perses-dev-11-variable.json": 1,
  "perses-dev-12-folder.json": 5,
};

for (const [file, count] of Object.entries(accepted)) {
  Deno.test({
    name: `${file}: ${count} documents come out as they went in${remark}`,
    ignore: !isThere,
    fn: async () => {
      const documents = await readDocuments(file);
      equal(documents.length, count);
      for (const { kind, body } of documents) {
        const { document, problems } = decodeDocument(kind, body);
        deepEqual(problems, []);
        deepEqual(validateDocument(document, nothingAround), []);
        const metadata = body["metadata"] as { name: string; project?: string };
        equal(document.name, metadata.name.toLowerCase());
        equal(document.project, (metadata.project ?? "").toLowerCase());
        deepEqual(document.spec, body["spec"] ?? {});
      }
    },
  });
}

Deno.test({
  name: `what is no document of the API is refused by its kind${remark}`,
  ignore: !isThere,
  fn: async () => {
    const refusalOf = async (file: string) => {
      const [first] = await readDocuments(file);
      return decodeDocument("Dashboard", first!.body).problems;
    };
    deepEqual(await refusalOf("perses-cli-unknown-kind.json"), [{
      message: 'unknown kind "game" used',
      pointer: "/kind",
    }]);
    deepEqual(await refusalOf("cd-blackbox-operator-cr.json"), [{
      message:
        'unknown kind "PersesDashboard" used: a custom resource of perses-operator (apiVersion perses.dev/*), not a ' +
        "document of this API",
      pointer: "/kind",
    }]);
  },
});
