/**
 * Sizes as people write them: `4GB`, `512 MiB`, `100000000`. As in DuckDB, which the values are handed to, kB, MB, GB
 * and TB count in thousands and KiB, MiB, GiB and TiB in 1,024s; a bare number is bytes.
 */
const bytesPerUnit: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** What `parseByteSize` takes, for error texts. */
export const byteSizeForm = "a size such as 4GB, 512MiB or 100000000 (bytes)";

/** The size in whole bytes, or undefined when the text is not a size or does not fit a safe integer. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  if (!match) return undefined;
  const unit = bytesPerUnit[(match[2] ?? "").toLowerCase()];
  if (unit === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest text that `parseByteSize` reads back as exactly `bytes`. */
export function formatByteSize(bytes: number): string {
  if (bytes === 0) return "0";
  for (const unit of ["TB", "TiB", "GB", "GiB", "MB", "MiB", "kB", "KiB"]) {
    const count = bytes / (bytesPerUnit[unit.toLowerCase()] ?? 1);
    if (Number.isInteger(count)) return `${count}${unit}`;
  }
  return String(bytes);
}
