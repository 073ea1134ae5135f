import { equal } from "node:assert/strict";
import { joined, macro, qualifyFunctions, raise, refusal } from "./macro.ts";

Deno.test("macro renames parameters and makes aliases its own", () => {
  equal(
    macro(
      "f",
      "(object VARCHAR, pretty := NULL) AS (SELECT @c.oid FROM x AS @c WHERE @c.object = object AND 'object' = pretty)",
    ).overloads[0],
    '(argument_object VARCHAR, pretty := NULL) AS (SELECT "f c".oid FROM x AS "f c" WHERE "f c".object = ' +
      "argument_object AND 'object' = pretty)",
  );
});

Deno.test("DuckDB's functions are named by their schema, the session's macros and strings are not touched", () => {
  equal(
    qualifyFunctions(
      "coalesce(lower('upper(x)'), current_user(), __eider.pg.\"f\"(a), pg_backend_pid()) IN (1)",
    ),
    "coalesce(system.main.lower('upper(x)'), current_user(), __eider.pg.\"f\"(a), pg_backend_pid()) IN (1)",
  );
  equal(macro("f", "(list(a)) AS x").overloads[0], "(list(a)) AS x");
});

Deno.test("errors carry their SQLSTATE and refusals say what to do instead", () => {
  equal(
    raise("42P01", `'relation "' || name || '" does not exist'`),
    `error(concat('eider:42P01:', 'relation "', name, '" does not exist'))`,
  );
  equal(joined("a", "b", "c"), 'system.main."||"(system.main."||"(a, b), c)');
  equal(refusal("f", [0, 1], "use g.").overloads.length, 2);
});
