/** Intervals by their three parts, and the clock. */

const microsPerDay = 86_400_000_000n;
const daysPerMonth = 30n;

/**
 * `justify_days`, `justify_hours`, `justify_interval` by the last word of the name: whole months are taken out of the days, whole days
 * out of the time, so that both have one sign with what is above them. The result is text that DuckDB casts to INTERVAL.
 */
export function justified(name: string, months: bigint, days: bigint, micros: bigint): string {
  let [wholeMonths, wholeDays, rest] = [months, days, micros];
  if (name !== "days") {
    wholeDays += rest / microsPerDay;
    rest %= microsPerDay;
  }
  if (name !== "hours") {
    wholeMonths += wholeDays / daysPerMonth;
    wholeDays %= daysPerMonth;
  }
  if (name !== "hours") {
    const below = name === "interval" && wholeDays === 0n ? rest : wholeDays;
    if (wholeMonths > 0n && below < 0n) {
      wholeDays += daysPerMonth;
      wholeMonths--;
    } else if (wholeMonths < 0n && below > 0n) {
      wholeDays -= daysPerMonth;
      wholeMonths++;
    }
  }
  if (name !== "days") {
    if (wholeDays > 0n && rest < 0n) {
      rest += microsPerDay;
      wholeDays--;
    } else if (wholeDays < 0n && rest > 0n) {
      rest -= microsPerDay;
      wholeDays++;
    }
  }
  return `${wholeMonths} months ${wholeDays} days ${rest} microseconds`;
}

/** Microseconds since 1970-01-01. */
export function clockMicros(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
}
