import { deepEqual } from "node:assert/strict";
import { qualified, withFunctionsCatalog } from "./testing_functions.ts";

withFunctionsCatalog("definitions", async (catalog, claim) => {
  await claim("pg_get_constraintdef prints keys, foreign keys and checks", async () => {
    deepEqual(
      await catalog.rows(
        qualified(
          `conname, pg_get_constraintdef(oid), pg_get_constraintdef(oid, true)
          FROM __eider.pg.pg_constraint ORDER BY conname`,
        ).replace(/^/, "SELECT "),
      ),
      [
        ["customers_pkey", "PRIMARY KEY (id)", "PRIMARY KEY (id)"],
        ["t_b_c_key", "UNIQUE (b, c)", "UNIQUE (b, c)"],
        ["t_c_check", "CHECK ((c > 0))", "CHECK ((c > 0))"],
        ["t_pkey", "PRIMARY KEY (a)", "PRIMARY KEY (a)"],
        ["u_a_fkey", "FOREIGN KEY (a) REFERENCES t(a)", "FOREIGN KEY (a) REFERENCES t(a)"],
      ],
    );
    await catalog.gives([
      ["set_config('search_path', '', false)", ""],
      [
        "pg_get_constraintdef(oid) FROM __eider.pg.pg_constraint WHERE contype = 'f'",
        "FOREIGN KEY (a) REFERENCES public.t(a)",
      ],
      ["set_config('search_path', 'public', false)", "public"],
      ["pg_get_constraintdef(1)", null],
    ]);
  });

  await claim("pg_get_indexdef prints CREATE INDEX, and one key by its number", async () => {
    const one = (name: string) => `__regclass('${name}')`;
    await catalog.gives([
      [`pg_get_indexdef(${one("t_pkey")})`, "CREATE UNIQUE INDEX t_pkey ON public.t USING btree (a)"],
      [`pg_get_indexdef(${one("i1")})`, "CREATE INDEX i1 ON public.t USING btree (b)"],
      [`pg_get_indexdef(${one('"I 2"')}, 0, true)`, 'CREATE UNIQUE INDEX "I 2" ON public.t USING btree (b, ((a + 1)))'],
      [`pg_get_indexdef(${one('"I 2"')}, 1, true)`, "b"],
      [`pg_get_indexdef(${one('"I 2"')}, 2, false)`, "((a + 1))"],
      [`pg_get_indexdef(${one("i1")}, 9, true)`, ""],
      [
        `pg_get_indexdef(${one("in_c_sales.customers_pkey")})`,
        "CREATE UNIQUE INDEX customers_pkey ON in_c_sales.customers USING btree (id)",
      ],
      ["pg_get_indexdef(1)", null],
    ]);
  });

  await claim("pg_get_viewdef and pg_get_ruledef print a view's SELECT", async () => {
    await catalog.gives([
      ["pg_get_viewdef('v')", " SELECT a, b FROM public.t WHERE (b = 'x');"],
      ["pg_get_viewdef(__regclass('v'), true)", " SELECT a, b FROM public.t WHERE (b = 'x');"],
      ["pg_get_viewdef('v2')", " SELECT * FROM (SELECT CAST(a AS BIGINT), b FROM public.t) v2(x, y);"],
      ["pg_get_viewdef(1)", null],
      [
        "pg_get_ruledef(oid) FROM __eider.pg.pg_rewrite WHERE ev_class = __regclass('v')",
        "CREATE RULE \"_RETURN\" AS\n    ON SELECT TO public.v DO INSTEAD  SELECT a, b FROM public.t WHERE (b = 'x');",
      ],
    ]);
    await catalog.raises([["pg_get_viewdef('nosuch')", '42P01:relation "nosuch" does not exist']]);
  });

  await claim("pg_get_expr prints defaults", async () => {
    deepEqual(
      await catalog.rows(
        qualified(
          `a.attname, pg_get_expr(d.adbin, d.adrelid), pg_get_expr(d.adbin, NULL, true) FROM __eider.pg.pg_attrdef d
          JOIN __eider.pg.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
          WHERE a.attname <> 'g' ORDER BY 1`,
        ).replace(/^/, "SELECT "),
      ),
      [["b", "'x'", null], ["c", "1.5", null], ["d", "now()", null], ["m", "nextval('u_m_seq'::regclass)", null]],
    );
  });

  await claim("pg_get_serial_sequence finds the sequence of a serial column", async () => {
    await catalog.gives([
      ["pg_get_serial_sequence('u', 'm')", "public.u_m_seq"],
      ["pg_get_serial_sequence('public.u', 'a')", null],
    ]);
    await catalog.raises([
      ["pg_get_serial_sequence('u', 'nosuch')", '42703:column "nosuch" of relation "u" does not exist'],
      ["pg_get_serial_sequence('nosuch', 'a')", '42P01:relation "nosuch" does not exist'],
    ]);
  });

  await claim("sequences tell their parameters and their last value", async () => {
    await catalog.gives([
      ["pg_sequence_last_value(__regclass('u_m_seq'))", null],
      ["pg_sequence_parameters(__regclass('u_m_seq'))['start_value']", "5"],
    ]);
    await catalog.run("SELECT nextval('u_m_seq')");
    await catalog.gives([["pg_sequence_last_value(__regclass('u_m_seq'))", "5"]]);
  });

  await claim("own tables can be written, views and project tables cannot", async () => {
    await catalog.gives([
      ["pg_relation_is_updatable(__regclass('t'), false)", "28"],
      ["pg_relation_is_updatable(__regclass('v'), false)", "0"],
      ["pg_relation_is_updatable(__regclass('in_c_sales.orders'), false)", "0"],
      ["pg_column_is_updatable(__regclass('t'), 1, false)", "true"],
      ["pg_column_is_updatable(1259, 1, false)", "false"],
    ]);
  });
});
