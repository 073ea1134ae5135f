/** The small tables that generated statements read and change: every common type, with NULLs, duplicates and an empty table. */

export interface Column {
  /** As it is written in a statement, with the relation's alias. */
  readonly name: string;
  readonly type: string;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** Each has `id` as its key. */
export const tables: readonly Table[] = [
  table("amounts", "id int4, small int2, n int4, big int8, price numeric, weight float8, ok bool, grp int4"),
  table("people", "id int4, name text, city text, boss int4, born date, tags text[]"),
  table("events", "id int4, person int4, day date, at timestamp, zoned timestamptz, clock time, span interval"),
  table("things", "id int4, lot int4, nums int4[], labels text[], doc jsonb, code uuid, raw bytea"),
  table("nobody", "id int4, name text, n int4"),
];

function table(name: string, columns: string): Table {
  return {
    name,
    columns: columns.split(", ").map((column) => {
      const [name, type] = column.split(" ");
      return { name: name!, type: type! };
    }),
  };
}

/** Run once on both sides before the statements. */
export const setup: readonly string[] = [
  `CREATE TABLE amounts (id int PRIMARY KEY, small smallint, n int, big bigint, price numeric(10,2), weight float8, ok bool, grp int)`,
  `INSERT INTO amounts VALUES (1, 1, 10, 100, 1.50, 0.5, true, 1), (2, NULL, -3, 5000000000, 20.00, 1.25, false, 1),
   (3, 32767, NULL, NULL, -0.75, NULL, NULL, 2), (4, 0, 0, 0, 0.00, 0, true, 2), (5, -7, 7, -12, NULL, -2.5, false, 2),
   (6, 2, 10, 9, 99999.99, 1e6, true, NULL), (7, 2, 4, 1, 1.50, 0.125, NULL, NULL)`,
  `CREATE TABLE people (id int PRIMARY KEY, name text, city text, boss int, born date, tags text[])`,
  `INSERT INTO people VALUES (1, 'Ada', 'Praha', NULL, '1990-02-28', '{a,b}'), (2, 'Božena', 'Brno', 1, '1985-12-31', '{}'),
   (3, '', 'Praha', 1, NULL, NULL), (4, 'ada', NULL, 2, '2000-02-29', '{b,NULL}'), (5, NULL, 'Brno', 9, '1999-01-01', '{"x y"}'),
   (6, 'O''Neil', 'Český Krumlov', 3, '1990-02-28', '{a}')`,
  `CREATE TABLE events (id int PRIMARY KEY, person int, day date, at timestamp, zoned timestamptz, clock time, span interval)`,
  `INSERT INTO events VALUES
   (1, 1, '2024-02-29', '2024-02-29 10:00', '2024-02-29 10:00+01', '10:00', '1 day'),
   (2, 1, '2024-03-01', '2024-03-01 23:59:59.5', '2024-03-01 12:00-05', '23:59:59.5', '1 month -2 days'),
   (3, 2, NULL, NULL, NULL, NULL, NULL), (4, 7, '1999-12-31', '1999-12-31 00:00', '1999-12-31 23:00Z', '00:00', '00:00:00'),
   (5, NULL, '2024-02-29', '2024-02-29 10:00', '2024-02-29 09:00Z', '12:34:56', '-3 hours')`,
  `CREATE TABLE things (id int PRIMARY KEY, lot int, nums int[], labels text[], doc jsonb, code uuid, raw bytea)`,
  `INSERT INTO things VALUES
   (1, 1, '{1,2,3}', '{a,b}', '{"a": 1, "b": [1, 2]}', '00000000-0000-0000-0000-000000000001', '\\x6162'),
   (2, 1, '{}', '{}', '{}', NULL, '\\x'), (3, 2, NULL, NULL, NULL, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', NULL),
   (4, NULL, '{3,NULL,1}', '{c,NULL}', '{"a": "7", "d": null}', NULL, '\\x00ff'), (5, 3, '{2,2}', '{"q r"}', '[1, "x"]', NULL, '\\x61')`,
  `CREATE TABLE nobody (id int PRIMARY KEY, name text, n int)`,
];
