import { equal, notEqual } from "node:assert/strict";
import { hash } from "node:crypto";
import { canonicalJson, chainEntry, entryHash, firstHash } from "./chain.ts";
import { testingEntry } from "./testing_entries.ts";

Deno.test("canonicalJson sorts keys at every depth and leaves no space", () => {
  equal(canonicalJson({ b: [1, { d: null, c: "x" }], a: true }), '{"a":true,"b":[1,{"c":"x","d":null}]}');
});

Deno.test("an entry's hash is SHA-256 over the hash before it, a line feed and its canonical JSON", () => {
  const entry = chainEntry(testingEntry({ details: { route: "PUT /x", n: 1 } }), 7, 1_767_225_600_000, firstHash);
  const text = '{"action":"change","actor":"acme/editor","address":"192.0.2.1","code":null,' +
    '"details":{"n":1,"route":"PUT /x"},"object_id":"sales","object_kind":"dashboard","project":"acme",' +
    '"result":"ok","seq":7,"time":"2026-01-01T00:00:00.000Z","user_agent":"curl/8","version_after":2,' +
    '"version_before":1}';
  equal(entry.hash, hash("sha256", `${firstHash}\n${text}`));
});

Deno.test("every field of an entry is part of its hash", () => {
  const { hash: own, ...entry } = chainEntry(testingEntry(), 1, 0, firstHash);
  const changes = {
    sequence: 2,
    timeMs: 1,
    actor: "x",
    action: "delete",
    objectKind: "x",
    objectId: null,
    project: "x",
    versionBefore: 9,
    versionAfter: null,
    address: "x",
    userAgent: "x",
    result: "failed",
    code: "x",
    detailsText: "[]",
  } as const;
  for (const field of Object.keys(entry)) {
    const changed = { ...entry, [field]: changes[field as keyof typeof changes] };
    notEqual(entryHash(changed, firstHash), own, field);
  }
});

Deno.test("what cannot be stored as it is, is made storable before it is hashed", () => {
  const entry = chainEntry(
    testingEntry({ actor: "half \ud800", userAgent: "x".repeat(5_000), details: { text: "y".repeat(50_000) } }),
    1,
    0,
    firstHash,
  );
  equal(entry.actor, "half \ufffd");
  equal(entry.userAgent?.length, 300);
  equal(JSON.parse(entry.detailsText).characters, 50_011);
});
