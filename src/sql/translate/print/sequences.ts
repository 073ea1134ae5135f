/** CREATE SEQUENCE and what DuckDB has of ALTER SEQUENCE. */
import { relationName } from "./from.ts";
import { qualifiedName } from "./identifiers.ts";
import {
  type AlterSeqStmt,
  bodyOf,
  type CreateSeqStmt,
  type DefElem,
  itemsOf,
  type Node,
  refuse,
  requireBody,
  requireFields,
  stringsOf,
} from "./tree.ts";
import { temporaryWord } from "./tables.ts";
import { systemTypeName } from "./types.ts";
import type { NodePrinters, Writer } from "./writer.ts";

function numberOf(option: DefElem): bigint {
  const integer = bodyOf(option.arg, "Integer");
  const text = integer !== null ? String(integer.ival ?? 0) : requireBody(option.arg, "Float").fval ?? "";
  if (!/^-?\d+$/.test(text)) refuse(`${option.defname} ${text}`);
  return BigInt(text);
}

/** Bits of the type that `AS` names: the sequence ends with the type's range. */
const typeBits: Readonly<Record<string, bigint>> = { int2: 16n, int4: 32n, int8: 64n };

const optionFields = ["defname", "arg", "defaction"] as const;

interface SequenceOptions {
  readonly words: string[];
  bits: bigint;
  readonly given: Set<string>;
  isDescending: boolean;
}

function readOption(option: DefElem, options: SequenceOptions): void {
  const name = option.defname ?? "";
  options.given.add(name);
  switch (name) {
    case "as": {
      const type = systemTypeName(requireFields(option.arg, "TypeName", ["names", "typemod"]));
      options.bits = typeBits[type ?? ""] ?? refuse("a sequence of another type");
      return;
    }
    case "start":
      options.words.push(`START WITH ${numberOf(option)}`);
      return;
    case "increment": {
      const step = numberOf(option);
      options.isDescending = step < 0n;
      options.words.push(`INCREMENT BY ${step}`);
      return;
    }
    case "minvalue":
    case "maxvalue":
      if (option.arg === undefined) options.given.delete(name);
      else options.words.push(`${name.toUpperCase()} ${numberOf(option)}`);
      return;
    case "cycle":
      if (bodyOf(option.arg, "Boolean")?.boolval === true) options.words.push("CYCLE");
      return;
    case "cache":
      // only how many numbers a session takes at once
      return;
    default:
      refuse(`the sequence option ${name}`);
  }
}

/** The options in the order given, then the end of the type's range where the statement leaves it to the type. */
function optionWords(nodes: readonly Node[]): string[] {
  const options: SequenceOptions = { words: [], bits: 64n, given: new Set(), isDescending: false };
  for (const node of nodes) readOption(requireFields(node, "DefElem", optionFields), options);
  if (options.bits === 64n) return options.words;
  const half = 1n << (options.bits - 1n);
  if (options.isDescending && !options.given.has("minvalue")) options.words.push(`MINVALUE ${-half}`);
  if (!options.isDescending && !options.given.has("maxvalue")) options.words.push(`MAXVALUE ${half - 1n}`);
  return options.words;
}

function printCreateSequence(out: Writer, sequence: CreateSeqStmt): void {
  const ifNotExists = sequence.if_not_exists === true ? "IF NOT EXISTS " : "";
  out.write(`CREATE ${temporaryWord(sequence.sequence)}SEQUENCE ${ifNotExists}`);
  relationName(out, sequence.sequence);
  out.translates();
  for (const words of optionWords(sequence.options ?? [])) out.write(` ${words}`);
}

/** DuckDB alters only the owner, which is a table where PostgreSQL names one of its columns. */
function printAlterSequence(out: Writer, sequence: AlterSeqStmt): void {
  const [option, ...others] = (sequence.options ?? []).map((node) => requireFields(node, "DefElem", optionFields));
  if (option?.defname !== "owned_by" || others.length > 0) refuse("ALTER SEQUENCE of anything but the owner");
  const owner = stringsOf(itemsOf(option.arg));
  if (owner.length < 2) refuse("OWNED BY NONE");
  out.translates();
  out.write(sequence.missing_ok === true ? "ALTER SEQUENCE IF EXISTS " : "ALTER SEQUENCE ");
  relationName(out, sequence.sequence);
  out.write(` OWNED BY ${qualifiedName(...owner.slice(0, -1))}`);
}

export const sequencePrinters = {
  CreateSeqStmt: { fields: ["sequence", "options", "if_not_exists"], print: printCreateSequence },
  AlterSeqStmt: { fields: ["sequence", "options", "missing_ok"], print: printAlterSequence },
} satisfies NodePrinters;
