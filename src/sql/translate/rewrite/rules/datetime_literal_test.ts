import assert from "node:assert/strict";
import { dateTimeText } from "./datetime_literal.ts";

/** Source, type, and the text for DuckDB; null where it reads the source itself, or nothing is known of it. */
const samples: readonly (readonly [string, string, string | null])[] = [
  ["2025-01-31", "date", null],
  ["20250131", "date", "2025-01-31"],
  ["2025/01/31", "date", "2025-01-31"],
  ["2025-1-3", "date", "2025-01-03"],
  ["Jan 31 2025", "date", "2025-01-31"],
  ["January 31, 2025", "date", "2025-01-31"],
  ["31 Jan 2025", "date", "2025-01-31"],
  ["31-Jan-2025", "date", "2025-01-31"],
  ["2025-Jan-31", "date", "2025-01-31"],
  ["Fri Jan 31 2025", "date", "2025-01-31"],
  ["1/31/2025", "date", "2025-01-31"],
  ["2025-01-31 10:00:00", "date", "2025-01-31"],
  ["0044-03-15 BC", "date", "0044-03-15 (BC)"],
  ["31.1.2025", "date", null],
  ["Foo 31 2025", "date", null],
  ["13/31/2025", "date", null],
  ["10:00", "time", null],
  ["10:00:00.5", "time", null],
  ["101112", "time", "10:11:12"],
  ["10:00 PM", "time", "22:00:00"],
  ["12:30am", "time", "00:30:00"],
  ["13:00 PM", "time", null],
  ["2025-01-31 10:00:00", "timestamp", null],
  ["2025-01-31T10:00:00.123456", "timestamp", null],
  ["2025-01-31 10:00", "timestamp", "2025-01-31 10:00:00"],
  ["20250131T101112", "timestamp", "2025-01-31 10:11:12"],
  ["20250131 101112", "timestamp", "2025-01-31 10:11:12"],
  ["Jan 31 2025 10:00 PM", "timestamp", "2025-01-31 22:00:00"],
  ["Fri Jan 31 10:11:12 2025", "timestamp", "2025-01-31 10:11:12"],
  ["2025-01-31 10:00:00+02", "timestamp", "2025-01-31 10:00:00"],
  ["2025-01-31 10:00:00+02", "timestamptz", null],
  ["2025-01-31 10:00+02", "timestamptz", "2025-01-31 10:00:00+02:00"],
  ["2025-01-31 10:00:00+0530", "timestamptz", "2025-01-31 10:00:00+05:30"],
  ["2025-01-31 10:00 UTC", "timestamptz", "2025-01-31 10:00:00+00:00"],
  ["2025-01-31 10:00:00 PST", "timestamptz", "2025-01-31 10:00:00-08:00"],
  ["2025-01-31 10:00 Europe/Prague", "timestamptz", "2025-01-31 10:00:00 Europe/Prague"],
  ["2025-01-31 10:00 nowhere", "timestamptz", null],
  ["infinity", "timestamp", null],
  ["nonsense", "timestamp", null],
  ["", "date", null],
];

for (const [source, type, text] of samples) {
  Deno.test(`${type} '${source}' is written as ${text ?? "it is"}`, () => {
    assert.equal(dateTimeText(source, type), text);
  });
}
