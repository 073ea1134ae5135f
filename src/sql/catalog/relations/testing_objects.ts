/** For the tests of this folder: a testing catalog in which a user has made something of every kind. */
import { openTestingCatalog, type TestingCatalog } from "../testing_catalog.ts";

const statements = [
  "CREATE SCHEMA staging",
  "CREATE TYPE mood AS ENUM ('sad', 'it''s', 'happy')",
  "CREATE TYPE address AS STRUCT(street VARCHAR, number INTEGER)",
  "CREATE TYPE score AS INTEGER",
  `CREATE TABLE person(
    id INTEGER PRIMARY KEY, title VARCHAR NOT NULL UNIQUE, balance DECIMAL(12,2) DEFAULT 1.5 CHECK (balance > 0),
    feeling mood, feelings mood[], numbers INTEGER[], matrix INTEGER[][], triple INTEGER[3], home address, points score,
    document JSON, seen TIMESTAMPTZ, amount DECIMAL(38,10), prices DECIMAL(5,1)[], doubled INTEGER AS (id * 2))`,
  `CREATE TABLE booking(
    slot INTEGER, room INTEGER, guest INTEGER REFERENCES person(id), note VARCHAR, PRIMARY KEY (slot, room),
    UNIQUE (note), CHECK (slot < room), CHECK (slot <> 7 AND room <> 7), CHECK (note <> ''))`,
  "CREATE TABLE payment(slot INTEGER, room INTEGER, FOREIGN KEY (slot, room) REFERENCES booking(slot, room))",
  'CREATE TABLE staging."Part of"(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES staging."Part of"(id))',
  "CREATE INDEX person_balance ON person(balance)",
  "CREATE UNIQUE INDEX person_lower ON person(balance, (lower(title)))",
  'CREATE INDEX "by parent" ON staging."Part of"(parent)',
  "CREATE SEQUENCE counter START 5 INCREMENT 2",
  "CREATE SEQUENCE ticket_id_seq",
  'CREATE SEQUENCE staging."Odd one"',
  `CREATE TABLE ticket(
    id INTEGER DEFAULT nextval('main.ticket_id_seq') NOT NULL, number INTEGER DEFAULT nextval('counter'))`,
  `CREATE TABLE staging.other(id BIGINT DEFAULT nextval('staging."Odd one"'), day DATE DEFAULT current_date)`,
  "CREATE VIEW rich AS SELECT id, title, balance FROM person",
  "CREATE VIEW staging.totals AS SELECT count(*) AS people, sum(balance) AS money FROM person",
  "CREATE TEMP TABLE scratch(a INTEGER PRIMARY KEY)",
  "CREATE TEMP VIEW glance AS SELECT 1 AS one",
  "CREATE MACRO add_up(a, b) AS a + b",
  "CREATE MACRO series(a INTEGER) AS TABLE SELECT a AS value",
  "COMMENT ON TABLE person IS 'people'",
  "COMMENT ON COLUMN person.title IS 'what they are called'",
  "COMMENT ON VIEW rich IS 'a view'",
  "COMMENT ON INDEX person_balance IS 'an index'",
  "COMMENT ON SEQUENCE counter IS 'a sequence'",
  "COMMENT ON TYPE mood IS 'a type'",
  "COMMENT ON MACRO add_up IS 'a macro'",
  "INSERT INTO person(id, title, balance) SELECT i, 'name ' || i, i + 1 FROM range(10) AS numbers(i)",
  "INSERT INTO ticket(id) VALUES (1), (2)",
];

/** The objects stand in `public` unless they say `staging` or TEMP. */
export async function openTestingObjects(): Promise<TestingCatalog> {
  const catalog = await openTestingCatalog();
  for (const statement of statements) await catalog.run(statement);
  return catalog;
}

/** The path of a pg_catalog relation. */
export function pg(name: string): string {
  return `__eider.pg."${name}"`;
}

/** SQL of the OID of a relation, by its bare name. */
export function oidOf(name: string): string {
  return `(SELECT oid FROM ${pg("pg_class")} WHERE relname = '${name}')`;
}
