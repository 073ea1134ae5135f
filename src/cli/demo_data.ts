/**
 * The demo's data: a small retailer that sells outdoor gear in Central Europe. Every row follows from its number alone, so the
 * same files come out on every machine and foreign keys always meet. The small tables stand as files in `demo/` (written by
 * `scripts/make_demo_data.ts`); `orders`, with its million rows, is written when the demo starts for the first time.
 */

/** One table of the demo and the file that it is imported from. */
export interface DemoTable {
  readonly bucketId: string;
  readonly name: string;
  readonly format: "csv" | "parquet";
  readonly primaryKey: readonly string[];
  readonly rowCount: number;
  /** In `demo/`, or null when the file is generated at the first start. */
  readonly fileName: string | null;
  readonly columns: readonly DemoColumn[];
  readonly rows: () => Iterable<DemoRow>;
}

export interface DemoColumn {
  readonly name: string;
  readonly type:
    | "BIGINT"
    | "INTEGER"
    | "VARCHAR"
    | "DATE"
    | "TIMESTAMP"
    | "BOOLEAN"
    | "DECIMAL(12,2)"
    | "DECIMAL(12,6)";
}

export type DemoRow = readonly (string | number | boolean | null)[];

export const demoBuckets: readonly { readonly id: string; readonly description: string }[] = [
  { id: "in.c-shop", description: "The shop: customers, products, orders" },
  { id: "in.c-web", description: "The website: sessions and campaigns" },
  { id: "in.c-finance", description: "Accounting: invoices and the central bank's exchange rates" },
];

const customerCount = 4_000;
const productCount = 240;
const sessionCount = 20_000;
const invoiceCount = 12_000;
export const orderCount = 1_000_000;
const firstDay = Date.UTC(2024, 0, 1);
const dayCount = 731;
const dayMs = 86_400_000;

/** A number in [0, 1) that depends only on the row and the column (the 32-bit finaliser of MurmurHash3). */
function chance(row: number, column: number): number {
  let hash = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(column + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}

function pick<T>(values: readonly T[], row: number, column: number): T {
  return values[Math.floor(chance(row, column) * values.length)]!;
}

function between(from: number, to: number, row: number, column: number): number {
  return from + Math.floor(chance(row, column) * (to - from + 1));
}

/** `2024-03-09` */
function dateText(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** `2024-03-09 17:04:51` */
function timestampText(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 19).replace("T", " ");
}

const countries: readonly { code: string; currency: string; prefix: string; cities: readonly string[] }[] = [
  { code: "CZ", currency: "CZK", prefix: "+420", cities: ["Praha", "Brno", "Ostrava", "Plzeň", "Olomouc", "Liberec"] },
  { code: "SK", currency: "EUR", prefix: "+421", cities: ["Bratislava", "Košice", "Žilina", "Nitra"] },
  { code: "DE", currency: "EUR", prefix: "+49", cities: ["Berlin", "München", "Dresden", "Köln", "Leipzig"] },
  { code: "AT", currency: "EUR", prefix: "+43", cities: ["Wien", "Graz", "Linz", "Salzburg"] },
  { code: "PL", currency: "PLN", prefix: "+48", cities: ["Warszawa", "Kraków", "Wrocław", "Gdańsk"] },
  { code: "HU", currency: "HUF", prefix: "+36", cities: ["Budapest", "Győr", "Szeged"] },
  { code: "GB", currency: "GBP", prefix: "+44", cities: ["London", "Leeds", "Bristol"] },
];
const firstNames = (
  "Anna Jakub Tereza Jan Lucie Petr Zofia Lukas Hannah Mateusz " +
  "Eszter Oliver Žofie Šimon Greta Łukasz Dorottya Emily Günther Barbora"
).split(" ");
const lastNames = (
  "Novák Svobodová Dvořák Horváth Müller Gruber Kowalska Nagy Smith Procházka " +
  "Weiß Wiśniewski Kučerová O'Connor Schneider Szabó Bauer Zieliński Černá Taylor"
).split(" ");
const streets = ["Hlavní", "Nádražní", "Lindenstraße", "Rynek", "Fő utca", "High Street", "Školská", "Mozartgasse"];
const segments = ["private", "private", "private", "private", "company", "club"];

function* customers(): Iterable<DemoRow> {
  for (let row = 0; row < customerCount; row++) {
    const country = pick(countries, Math.floor(row * 1.7), 1);
    const first = pick(firstNames, row, 2);
    const last = pick(lastNames, row, 3);
    const segment = pick(segments, row, 4);
    const mailName = `${first}.${last}`.replaceAll("Ł", "L").replaceAll("ł", "l").replaceAll("ß", "ss")
      .normalize("NFD").replaceAll(/[^A-Za-z.]/g, "").toLowerCase();
    yield [
      row + 1,
      `${first} ${last}`,
      `${mailName}${row + 1}@example.com`,
      chance(row, 5) < 0.12 ? null : `${country.prefix}${between(600_000_000, 799_999_999, row, 6)}`,
      `${pick(streets, row, 7)} ${between(1, 180, row, 8)}, ${pick(country.cities, row, 9)}`,
      country.code,
      segment,
      chance(row, 10) < 0.41,
      dateText(firstDay - between(0, 900, row, 11) * dayMs),
    ];
  }
}

const productKinds: readonly { category: string; noun: string; price: number }[] = [
  { category: "Tents", noun: "Tent", price: 289 },
  { category: "Sleeping", noun: "Sleeping Bag", price: 129 },
  { category: "Backpacks", noun: "Backpack", price: 119 },
  { category: "Footwear", noun: "Hiking Boots", price: 154 },
  { category: "Jackets", noun: "Rain Jacket", price: 179 },
  { category: "Cooking", noun: "Gas Stove", price: 54 },
  { category: "Lighting", noun: "Headlamp", price: 39 },
  { category: "Climbing", noun: "Harness", price: 69 },
];
const productLines = [
  "Tatra",
  "Alpin",
  "Šumava",
  "Nordkap",
  "Sněžka",
  "Dachstein",
  "Bieszczady",
  "Polar",
  "Karst",
  "Fjord",
];
const productSizes = ["S", "M", "L"];

function productPrice(productId: number): number {
  const kind = productKinds[(productId - 1) % productKinds.length]!;
  return Math.round(kind.price * (0.6 + chance(productId, 21) * 1.1)) - 0.1;
}

function* products(): Iterable<DemoRow> {
  for (let row = 0; row < productCount; row++) {
    const kind = productKinds[row % productKinds.length]!;
    const line = productLines[Math.floor(row / productKinds.length) % productLines.length]!;
    const size = productSizes[Math.floor(row / (productKinds.length * productLines.length))]!;
    yield [
      row + 1,
      `${kind.category.slice(0, 3).toUpperCase()}-${line.normalize("NFD").slice(0, 2).toUpperCase()}-${size}`,
      `${line} ${kind.noun}, size ${size}`,
      kind.category,
      productPrice(row + 1).toFixed(2),
      (productPrice(row + 1) * (0.45 + chance(row, 22) * 0.2)).toFixed(2),
      between(80, 4_800, row, 23),
      chance(row, 24) > 0.07,
    ];
  }
}

const orderStatuses = [..."dddddddddddddddsspcr"].map((letter) =>
  ({ d: "delivered", s: "shipped", p: "pending", c: "cancelled", r: "returned" })[letter]!
);
const channels = ["web", "web", "web", "app", "app", "store", "marketplace"];

function* orders(): Iterable<DemoRow> {
  for (let row = 0; row < orderCount; row++) {
    // More orders at the end than at the beginning, more in summer than in winter, most of them in the evening.
    const growth = Math.sqrt(chance(row, 31) * 0.9 + 0.1) * dayCount;
    const season = Math.sin(((growth / 365.25) % 1) * 2 * Math.PI - Math.PI / 2) * 9;
    const day = Math.min(dayCount - 1, Math.max(0, Math.floor(growth + season)));
    const secondOfDay = Math.floor((chance(row, 32) + chance(row, 33) + 0.35) / 2.35 * 86_400);
    const productId = 1 + Math.floor(chance(row, 34) ** 1.6 * productCount);
    const quantity = 1 + Math.floor(chance(row, 35) ** 4 * 6);
    const discount = chance(row, 36) < 0.22 ? pick([5, 10, 15, 20], row, 37) : 0;
    const price = productPrice(productId);
    yield [
      row + 1,
      1 + Math.floor(chance(row, 38) ** 1.3 * customerCount),
      productId,
      timestampText(firstDay + day * dayMs + secondOfDay * 1000),
      quantity,
      price.toFixed(2),
      discount,
      (Math.round(price * quantity * (100 - discount)) / 100).toFixed(2),
      pick(orderStatuses, row, 39),
      pick(channels, row, 40),
    ];
  }
}

const sources = ["google", "google", "direct", "newsletter", "instagram", "heureka", "idealo", "partner"];
const devices = ["mobile", "mobile", "mobile", "desktop", "desktop", "tablet"];
const landingPages = ["/", "/tents", "/sale", "/backpacks", "/blog/winter-camping", "/jackets", "/boots/how-to-choose"];

function* sessions(): Iterable<DemoRow> {
  for (let row = 0; row < sessionCount; row++) {
    const startedAtMs = firstDay + Math.floor(chance(row, 51) * dayCount * 86_400) * 1000;
    const pages = 1 + Math.floor(chance(row, 52) ** 3 * 24);
    const source = pick(sources, row, 53);
    yield [
      row + 1,
      chance(row, 54) < 0.63 ? null : between(1, customerCount, row, 55),
      timestampText(startedAtMs),
      pages === 1 ? between(2, 40, row, 56) : pages * between(14, 75, row, 56),
      pages,
      source,
      source === "newsletter" || chance(row, 57) < 0.2 ? between(1, campaignNames.length, row, 58) : null,
      pick(devices, row, 59),
      pick(countries, row, 60).code,
      pick(landingPages, row, 61),
      pages > 4 && chance(row, 62) < 0.17,
    ];
  }
}

const campaignNames = [
  "Spring clean-out",
  "Ready for the mountains",
  "Back to school, back outside",
  "Black Friday",
  'Advent "24 small things"',
  "Winter camping",
  "Ski touring, first tracks",
  "Father's Day",
];

function* campaigns(): Iterable<DemoRow> {
  for (const [row, name] of campaignNames.entries()) {
    const startMs = firstDay + between(0, 640, row, 71) * dayMs;
    yield [
      row + 1,
      name,
      pick(["email", "search", "social"], row, 72),
      dateText(startMs),
      dateText(startMs + between(6, 30, row, 73) * dayMs),
      (between(8, 120, row, 74) * 250).toFixed(2),
      "EUR",
    ];
  }
}

function* invoices(): Iterable<DemoRow> {
  for (let row = 0; row < invoiceCount; row++) {
    const customerId = between(1, customerCount, row, 81);
    const country = pick(countries, Math.floor((customerId - 1) * 1.7), 1);
    const issuedMs = firstDay + Math.floor((row / invoiceCount) * dayCount) * dayMs;
    const net = Math.round((20 + chance(row, 82) ** 3 * 2_400) * 100) / 100;
    const paid = chance(row, 83);
    yield [
      row + 1,
      `${new Date(issuedMs).getUTCFullYear()}-${String(row + 1).padStart(6, "0")}`,
      customerId,
      dateText(issuedMs),
      dateText(issuedMs + 14 * dayMs),
      paid < 0.06 ? null : dateText(issuedMs + Math.floor(paid * 31) * dayMs),
      net.toFixed(2),
      (Math.round(net * 21) / 100).toFixed(2),
      country.currency,
    ];
  }
}

const currencies: readonly { code: string; perEuro: number }[] = [
  { code: "CZK", perEuro: 24.7 },
  { code: "PLN", perEuro: 4.34 },
  { code: "HUF", perEuro: 382 },
  { code: "GBP", perEuro: 0.857 },
  { code: "USD", perEuro: 1.086 },
];

function* exchangeRates(): Iterable<DemoRow> {
  for (const [column, currency] of currencies.entries()) {
    let drift = 0;
    for (let day = 0; day < dayCount; day++) {
      const timeMs = firstDay + day * dayMs;
      const weekday = new Date(timeMs).getUTCDay();
      if (weekday === 0 || weekday === 6) continue; // no fixing at the weekend
      drift = drift * 0.995 + (chance(day, 90 + column) - 0.5) * 0.008;
      yield [dateText(timeMs), currency.code, (currency.perEuro * (1 + drift)).toFixed(currency.perEuro < 2 ? 5 : 3)];
    }
  }
}

function count(rows: () => Iterable<DemoRow>): number {
  let rowCount = 0;
  for (const _ of rows()) rowCount++;
  return rowCount;
}

/** `name TYPE; name TYPE` */
function columns(text: string): readonly DemoColumn[] {
  return text.split("; ").map((pair) => {
    const [name, type] = pair.split(" ") as [string, DemoColumn["type"]];
    return { name, type };
  });
}

/** In the order in which the demo imports them. */
export const demoTables: readonly DemoTable[] = [
  {
    bucketId: "in.c-shop",
    name: "customers",
    format: "csv",
    primaryKey: ["customer_id"],
    rowCount: customerCount,
    fileName: "shop/customers.csv",
    columns: columns(
      "customer_id BIGINT; name VARCHAR; email VARCHAR; phone VARCHAR; address VARCHAR; " +
        "country VARCHAR; segment VARCHAR; newsletter BOOLEAN; registered_on DATE",
    ),
    rows: customers,
  },
  {
    bucketId: "in.c-shop",
    name: "products",
    format: "csv",
    primaryKey: ["product_id"],
    rowCount: productCount,
    fileName: "shop/products.csv",
    columns: columns(
      "product_id BIGINT; sku VARCHAR; name VARCHAR; category VARCHAR; price_eur DECIMAL(12,2); " +
        "cost_eur DECIMAL(12,2); weight_g INTEGER; active BOOLEAN",
    ),
    rows: products,
  },
  {
    bucketId: "in.c-web",
    name: "sessions",
    format: "parquet",
    primaryKey: ["session_id"],
    rowCount: sessionCount,
    fileName: "web/sessions.parquet",
    columns: columns(
      "session_id BIGINT; customer_id BIGINT; started_at TIMESTAMP; duration_s INTEGER; pages INTEGER; " +
        "source VARCHAR; campaign_id INTEGER; device VARCHAR; country VARCHAR; landing_page VARCHAR; " +
        "converted BOOLEAN",
    ),
    rows: sessions,
  },
  {
    bucketId: "in.c-web",
    name: "campaigns",
    format: "csv",
    primaryKey: ["campaign_id"],
    rowCount: campaignNames.length,
    fileName: "web/campaigns.csv",
    columns: columns(
      "campaign_id INTEGER; name VARCHAR; channel VARCHAR; starts_on DATE; ends_on DATE; " +
        "budget DECIMAL(12,2); currency VARCHAR",
    ),
    rows: campaigns,
  },
  {
    bucketId: "in.c-finance",
    name: "invoices",
    format: "parquet",
    primaryKey: ["invoice_id"],
    rowCount: invoiceCount,
    fileName: "finance/invoices.parquet",
    columns: columns(
      "invoice_id BIGINT; number VARCHAR; customer_id BIGINT; issued_on DATE; due_on DATE; " +
        "paid_on DATE; net_amount DECIMAL(12,2); vat_amount DECIMAL(12,2); currency VARCHAR",
    ),
    rows: invoices,
  },
  {
    bucketId: "in.c-finance",
    name: "exchange_rates",
    format: "csv",
    primaryKey: ["day", "currency"],
    rowCount: count(exchangeRates),
    fileName: "finance/exchange_rates.csv",
    columns: columns(
      "day DATE; currency VARCHAR; per_euro DECIMAL(12,6)",
    ),
    rows: exchangeRates,
  },
  {
    bucketId: "in.c-shop",
    name: "orders",
    format: "csv",
    primaryKey: ["order_id"],
    rowCount: orderCount,
    fileName: null,
    columns: columns(
      "order_id BIGINT; customer_id BIGINT; product_id BIGINT; ordered_at TIMESTAMP; quantity INTEGER; " +
        "unit_price_eur DECIMAL(12,2); discount_percent INTEGER; total_eur DECIMAL(12,2); status VARCHAR; " +
        "channel VARCHAR",
    ),
    rows: orders,
  },
];

/** A table's rows as CSV (RFC 4180 with LF), a header first, in pieces of about 64 kB. NULL is an empty field. */
export function* csvPieces(table: DemoTable): Iterable<string> {
  const pieceCharacters = 64 * 1024;
  let piece = table.columns.map((column) => column.name).join(",") + "\n";
  for (const row of table.rows()) {
    piece += row.map(csvField).join(",") + "\n";
    if (piece.length >= pieceCharacters) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

function csvField(value: DemoRow[number]): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Writes a table's CSV file; 64 kB at a time, so that a million rows need no memory. */
export async function writeCsvFile(table: DemoTable, path: string): Promise<void> {
  await Deno.writeFile(path, ReadableStream.from(csvPieces(table)).pipeThrough(new TextEncoderStream()));
}
