import assert from "node:assert/strict";
import { dateFromDays, daysFromDate, daysInMonth, isoWeekOf, isoYearStart } from "./calendar.ts";
import { parseDateTemplate } from "./date_template.ts";
import { roundedDecimal, roundedDouble, roundedText, scientific } from "./decimal.ts";
import { parseNumberTemplate } from "./number_template.ts";
import { readDate, readTimestamp } from "./read_date_time.ts";
import { readNumber } from "./read_number.ts";
import { strftimeFormat } from "./strftime.ts";
import { withOrdinal, writeInterval, writeTimestamp } from "./write_date_time.ts";
import { writeNumber } from "./write_number.ts";
import { zoneName } from "./zone_name.ts";

Deno.test("dateFromDays is the inverse of daysFromDate through leap years, centuries and the year 0", () => {
  for (let days = -800_000; days < 800_000; days += 97) {
    const { year, month, day } = dateFromDays(days);
    assert.equal(daysFromDate(year, month, day), days);
  }
  assert.equal(daysFromDate(2023, 14, 1), daysFromDate(2024, 2, 1));
  assert.deepEqual([2023, 2024, 1900, 2000].map((year) => daysInMonth(year, 2)), [28, 29, 28, 29]);
});

Deno.test("isoWeekOf gives the year of the week's Thursday", () => {
  assert.deepEqual(isoWeekOf(daysFromDate(2021, 1, 1)), { year: 2020, week: 53 });
  assert.deepEqual(isoWeekOf(daysFromDate(2024, 12, 30)), { year: 2025, week: 1 });
  assert.equal(isoYearStart(2024), daysFromDate(2024, 1, 1));
});

Deno.test("parseDateTemplate takes the longest pattern, only in one letter case", () => {
  const fields = (template: string) =>
    parseDateTemplate(template).map((item) => item.kind === "field" ? item.field : item.text);
  assert.deepEqual(fields("YYYYMMDD"), ["YYYY", "MM", "DD"]);
  assert.deepEqual(fields("Yyyy"), ["Y", "YYY"]);
  assert.deepEqual(fields("Mm"), ["M", "m"]);
  assert.deepEqual(fields('"YY" FMfoo'), ["Y", "Y", " ", "f", "o", "o"]);
});

const localMicros = (text: string) => BigInt(Date.parse(`${text}Z`)) * 1000n;

Deno.test("writeTimestamp writes MON in upper case and th after the number", () => {
  const moment = localMicros("2024-05-03T13:05:06");
  assert.equal(writeTimestamp(moment, "FMDDth MON YYYY, HH12:MI am", "", 0n), "3rd MAY 2024, 01:05 pm");
  assert.equal(writeTimestamp(moment, "TZ|OF|TZH:TZM", "CEST", 7200n), "CEST|+02|+02:00");
  assert.equal(writeTimestamp(moment, "OF", "", -12_600n), "-03:30");
  assert.equal(writeTimestamp(moment, "", "", 0n), null);
});

Deno.test("writeInterval gives signs of their own to all parts and refuses what only a date has", () => {
  assert.equal(writeInterval(14n, -2n, -3_600_000_000n, "YYYY-MM DD HH24"), "0001-02 -2 -01");
  assert.throws(() => writeInterval(1n, 0n, 0n, "Mon"), /interval/);
});

Deno.test("withOrdinal knows the teens", () => {
  assert.deepEqual(
    ["1", "2", "3", "4", "11", "12", "13", "21", "111", "122"].map((text) => withOrdinal(text, "lower")),
    ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th", "122nd"],
  );
});

Deno.test("strftimeFormat translates what strftime writes alike, and nothing else", () => {
  assert.equal(strftimeFormat('YYYY-MM-DD"T"HH24:MI:SS.MS'), "%Y-%m-%dT%H:%M:%S.%g");
  assert.equal(strftimeFormat("FMMonth FMDD, YYYY"), "%B %-d, %Y");
  for (const template of ["Month", "MON", "DDth", "Q", "100%", "", "TZ", "YYY", "am"]) {
    assert.equal(strftimeFormat(template), null);
  }
});

Deno.test("readDate is lenient with separators and strict with values", () => {
  const date = (text: string, template: string) => dateFromDays(Number(readDate(text, template)));
  assert.deepEqual(date("  2024 / 2-5", "YYYY-MM-DD"), { year: 2024, month: 2, day: 5 });
  assert.deepEqual(date("24", "YY"), { year: 2024, month: 1, day: 1 });
  assert.deepEqual(date("44-02-01 BC", "YYYY-MM-DD BC"), { year: -43, month: 2, day: 1 });
  assert.throws(() => readDate("2024-02-30", "YYYY-MM-DD"), /out of range/);
  assert.throws(() => readDate("2024-xx", "YYYY-MM"), /must be an integer/);
  assert.throws(() => readDate("2024 2023", "YYYY YYYY"), /conflicting values/);
  assert.throws(() => readDate("2024-01", "IYYY-MM"), /conventions/);
  assert.throws(() => readDate("999999-01-01", "YYYY-MM-DD"), /out of range/);
});

Deno.test("readTimestamp gives local time, or UTC when the text has an offset", () => {
  const local = localMicros("2024-02-29T10:00:00");
  assert.equal(readTimestamp("2024-02-29 10:00", "YYYY-MM-DD HH24:MI"), String(local));
  assert.equal(readTimestamp("2024-02-29 10:00 -05:30", "YYYY-MM-DD HH24:MI TZH:TZM"), `${local + 19_800_000_000n}Z`);
  assert.throws(() => readTimestamp("13:00 am", "HH12:MI am"), /12-hour clock/);
  assert.throws(() => readTimestamp("25:00", "HH24:MI"), /out of range/);
  assert.throws(() => readTimestamp("CET", "TZ"), /only supported in to_char/);
});

Deno.test("writeNumber follows the template", () => {
  assert.equal(writeNumber("1234567.891", "DECIMAL(12,3)", "FM9,999,999.00"), "1,234,567.89");
  assert.equal(writeNumber("1234", "INTEGER", "999"), " ###");
  assert.equal(writeNumber("-0.1", "DOUBLE", "99.99"), "  -.10");
  assert.equal(writeNumber("1.5e-07", "DOUBLE", "9.9EEEE"), " 1.5e-07");
  assert.equal(writeNumber("nan", "DOUBLE", "999.99"), " NaN");
  assert.equal(writeNumber("3999", "INTEGER", "FMrn"), "mmmcmxcix");
  assert.equal(writeNumber("12.5", "FLOAT", "99V9"), " 125");
});

for (const template of ["9.9.9", "SS9", "9PR S", "S9MI", "9V9.9", "9EEEE9", "FM9EEEE", "9PR9"]) {
  Deno.test(`a number template ${template} is refused`, () => {
    assert.throws(() => parseNumberTemplate(template));
  });
}

Deno.test("readNumber takes what the template asks for", () => {
  assert.equal(readNumber("-34,338,492.654", "99G999G999D999"), "-34338492.654");
  assert.equal(readNumber("<12.5>", "99.9PR"), "-12.5");
  assert.equal(readNumber("12", "99V9"), "1.2");
  assert.throws(() => readNumber("abc", "999"), /invalid input syntax/);
  assert.throws(() => readNumber("XIV", "RN"), /not supported/);
});

Deno.test("numeric is rounded away from zero, a double as its exact binary value", () => {
  assert.deepEqual(roundedDecimal("-2.5", 0), { negative: true, whole: "3", fraction: "" });
  assert.deepEqual(roundedDouble(2.5, 0), { negative: false, whole: "2", fraction: "" });
  assert.deepEqual(roundedDouble(1.005, 2), { negative: false, whole: "1", fraction: "00" });
  assert.deepEqual(roundedDouble(1e22, 1), { negative: false, whole: "10000000000000000000000", fraction: "0" });
  assert.equal(scientific("9.99", false, 1), " 1.0e+01");
  assert.equal(scientific("0.00012", false, 2), " 1.20e-04");
  assert.equal(scientific("-1.25e+100", true, 1), "-1.2e+100");
});

Deno.test("roundedText rounds and cuts before and behind the point", () => {
  assert.deepEqual([2n, 0n, -1n, -3n, 9n].map((digits) => roundedText("-155.555", digits, false)), [
    "-155.56",
    "-156",
    "-160",
    "0",
    "-155.555",
  ]);
  assert.equal(roundedText("-155.555", -1n, true), "-150");
});

Deno.test("zoneName gives short names where there are any, otherwise the offset", () => {
  const july = Date.UTC(2024, 6, 1);
  assert.deepEqual(
    [["America/New_York", -14400], ["Europe/Prague", 7200], ["Asia/Tokyo", 32400], ["UTC", 0], [
      "America/Sao_Paulo",
      -10800,
    ], [
      "Asia/Kathmandu",
      20700,
    ], ["nowhere", 3600]].map(([zone, offset]) => zoneName(String(zone), july, Number(offset))),
    ["EDT", "CEST", "JST", "UTC", "-03", "+0545", "+01"],
  );
});
