/** Appends audit entries for ever and prints each one's number once it is on disk; for a test that kills it. */
import { testingChain } from "../../src/audit/testing_entries.ts";
import { silentLogger } from "../../src/observability/log.ts";
import { openAuditStore } from "../../src/metadata/audit/store.ts";

if (import.meta.main) {
  const store = await openAuditStore(Deno.args[0] ?? "", silentLogger);
  for (;;) {
    await store.append(testingChain(store, [Date.now(), Date.now()]));
    console.log(String(store.head().sequence));
  }
}
