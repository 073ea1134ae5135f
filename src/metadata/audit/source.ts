/**
 * Reading the audit log's files as they are, through one in-memory DuckDB instance that has them attached: of the running
 * server (`audit_store.ts`), or read-only of a stopped one (`openStoppedAudit`). A month that cannot be read does not keep
 * the others from being read.
 */
import { DuckDBBlobValue, type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { Buffer } from "node:buffer";
import * as path from "node:path";
import "../../heartbeat.ts";
import type { AuditPartition, AuditSource } from "../../audit/types.ts";
import { AppError } from "../../errors/app_error.ts";
import { auditFolder, listPartitionFiles, type PartitionFile, readHead } from "./files.ts";
import { entryColumns, streamEntries } from "./rows.ts";

/** A month's table is read in blocks; what remains is for the scan of a filter that no index serves. */
/** A new month's file begins small: its memory and its room on the disk are taken in blocks. */
const engineOptions = { threads: "1", memory_limit: "256MB", default_block_size: "65536" };

export interface AttachedPartition extends PartitionFile, AuditPartition {
  /** Quoted, for SQL. */
  readonly alias: string;
}

export async function openAuditEngine(): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(":memory:", engineOptions);
  const connection = await instance.connect();
  await connection.run("SET GLOBAL autoinstall_known_extensions = false");
  await connection.run("SET GLOBAL autoload_known_extensions = false");
  connection.disconnectSync();
  return instance;
}

export function aliasOf(file: PartitionFile): string {
  return `"${file.firstSequence}_${file.month}"`;
}

export async function attachFile(
  connection: DuckDBConnection,
  folder: string,
  file: PartitionFile,
  mode: "read" | "write",
): Promise<void> {
  const place = path.join(folder, file.name).replaceAll("'", "''");
  await connection.run(`ATTACH '${place}' AS ${aliasOf(file)} ${mode === "read" ? "(READ_ONLY)" : ""}`);
}

/** Attaches a file and reads what it says of itself; what is wrong with it becomes `unreadable`. */
export async function attachPartition(
  connection: DuckDBConnection,
  folder: string,
  file: PartitionFile,
  mode: "read" | "write",
): Promise<AttachedPartition> {
  const alias = aliasOf(file);
  try {
    await attachFile(connection, folder, file, mode);
    const reader = await connection.runAndReadAll(
      `SELECT first_seq, previous_hash, month FROM ${alias}.partition WHERE format = 1`,
    );
    const [row, ...more] = reader.getRows();
    if (row === undefined || more.length > 0) throw new Error("it does not describe itself (table partition)");
    const [firstSequence, previous, month] = row;
    if (Number(firstSequence) !== file.firstSequence || String(month) !== file.month) {
      throw new Error(`it says of itself that it begins with entry ${firstSequence} in ${month}`);
    }
    const previousHash = previous instanceof DuckDBBlobValue ? Buffer.from(previous.bytes).toString("hex") : "";
    return { ...file, alias, previousHash, unreadable: null };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
    return { ...file, alias, previousHash: "", unreadable: reason };
  }
}

export async function* readPartition(
  instance: DuckDBInstance,
  partition: AttachedPartition,
): ReturnType<AuditSource["readPartition"]> {
  const connection = await instance.connect();
  try {
    yield* streamEntries(connection, `SELECT ${entryColumns} FROM ${partition.alias}.entry`, []);
  } finally {
    connection.disconnectSync();
  }
}

/** The audit log of a stopped server. Throws `metadata_unusable` when a server has it open. */
export async function openStoppedAudit(dataDir: string): Promise<AuditSource & { close(): void }> {
  const folder = auditFolder(dataDir);
  const instance = await openAuditEngine();
  const connection = await instance.connect();
  const partitions: AttachedPartition[] = [];
  for (const file of listPartitionFiles(folder)) {
    const partition = await attachPartition(connection, folder, file, "read");
    if (partition.unreadable !== null && /could not set lock/i.test(partition.unreadable)) {
      instance.closeSync();
      throw new AppError("metadata_unusable", `${folder}: in use by a running server`);
    }
    partitions.push(partition);
  }
  return {
    partitions: () => partitions,
    readPartition(name) {
      const partition = partitions.find((one) => one.name === name);
      if (partition === undefined) throw new Error(`no partition ${name}`);
      return readPartition(instance, partition);
    },
    notedHead: () => readHead(folder),
    close: () => instance.closeSync(),
  };
}
