import assert from "node:assert/strict";
import { normaliseText, queryWords, queryWordsMax, scoreOf, typingErrors, typosMax } from "./search_text.ts";

Deno.test("typingErrors counts letters left out, added, changed and swapped, up to its limit", () => {
  const table: readonly [string, string, number][] = [
    ["", "", 0],
    ["kubelet", "kubelet", 0],
    ["kubelt", "kubelet", 1],
    ["kubellet", "kubelet", 1],
    ["kubalet", "kubelet", 1],
    ["kubleet", "kubelet", 1],
    ["ukbleet", "kubelet", 2],
    ["𝄞a", "𝄞b", 1],
    ["abc", "", 3],
    ["abcdefgh", "stuvwxyz", 3],
  ];
  for (const [left, right, errors] of table) {
    assert.equal(typingErrors(left, right, 2), errors, `${left} ${right}`);
    assert.equal(typingErrors(right, left, 2), errors, `${right} ${left}`);
  }
});

Deno.test("normaliseText leaves lower-case words of letters and digits, without accents", () => {
  assert.equal(normaliseText("  Café-Größe_v2.1 / ПРИВЕТ!  日本 "), "cafe große v2 1 привет 日本");
  assert.equal(normaliseText("…"), "");
});

Deno.test("queryWords are distinct and bounded", () => {
  assert.deepEqual(queryWords("Node node-exporter"), ["node", "exporter"]);
  assert.deepEqual(queryWords(" -- "), []);
  assert.equal(queryWords(Array.from({ length: 50 }, (_, index) => `w${index}`).join(" ")).length, queryWordsMax);
});

const kubelet = {
  name: "kubelet-overview",
  title: "Kubernetes / Kubelet",
  description: "Work queues and pod starts of every node",
  tags: ["k8s", "Platform Team"],
};

Deno.test("scoreOf finds words, beginnings, parts and words with typing errors, and needs every word", () => {
  const found = [
    "kubelet",
    "KUBELET",
    "kube",
    "bernet",
    "kubernets",
    "kuberntes",
    "kubelet overview",
    "k8s",
    "platfrom",
    "queue pod",
    "kublet nodes",
  ];
  for (const query of found) assert.ok(scoreOf(queryWords(query), kubelet) > 0, query);
  for (const query of ["kafka", "kubelet kafka", "k9s", "nada", "xubexxet", ""]) {
    assert.equal(scoreOf(queryWords(query), kubelet), 0, query);
  }
});

Deno.test("scoreOf ranks a word above a beginning, a part and a typing error, and the title above the description", () => {
  const score = (query: string) => scoreOf(queryWords(query), kubelet);
  const order = ["kubelet", "overview", "kubele", "ubelet", "kubelt", "overvew", "queues", "queus"];
  const scores = order.map(score);
  assert.deepEqual([...scores].sort((a, b) => b - a), scores, JSON.stringify(scores));
  assert.equal(scores[0], 1);
  assert.equal(new Set(scores).size, scores.length);
});

Deno.test("short words must be right, longer ones may have one or two errors", () => {
  assert.deepEqual([1, 3, 4, 7, 8, 30].map(typosMax), [0, 0, 1, 1, 2, 2]);
});
