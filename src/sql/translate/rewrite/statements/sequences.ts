/**
 * CREATE, ALTER SEQUENCE. A sequence of DuckDB never goes back and keeps its options, so ALTER SEQUENCE can set its
 * owner and let it go on to a later value.
 */
import { child, flag, list, type PgNode, withFields } from "../tree.ts";
import { booleanConstant } from "../build.ts";
import { advanceSequence } from "./advance_sequence.ts";
import { doNothing } from "./guards.ts";
import { createdRangeVar, ownRangeVar, ownSchema, partsOf } from "./names.ts";
import { ownSequence } from "./owned_sequence.ts";
import { changed, refuse, type StatementRewrite, withBody } from "./result.ts";
import { optionName, optionNumber, sequenceOptions } from "./sequence_options.ts";

export function rewriteCreateSequence(body: PgNode, root: PgNode, type: string): StatementRewrite {
  const sequence = createdRangeVar(child(body, "sequence") ?? {});
  const all = list(body, "options");
  const { options, ownedBy } = sequenceOptions(all);
  const kept = options === all ? body["options"] : options.length === 0 ? undefined : options;
  const create = withBody(root, type, withFields(body, { sequence, options: kept }));
  if (ownedBy === null) return create;
  return changed([...create.statements, ownSequence(partsOf(sequence), ownColumn(ownedBy))]);
}

/** `[schema, table, column]` with DuckDB's schema. */
function ownColumn(ownedBy: readonly string[]): readonly string[] {
  return ownedBy.length < 3 ? ownedBy : ownedBy.map((part, at) => at === ownedBy.length - 3 ? ownSchema(part) : part);
}

export function rewriteAlterSequence(body: PgNode): StatementRewrite {
  const sequence = partsOf(ownRangeVar(child(body, "sequence") ?? {}));
  const ifExists = flag(body, "missing_ok");
  const statements: PgNode[] = [];
  const notices: string[] = [];
  for (const option of list(body, "options")) {
    const name = optionName(option);
    switch (name) {
      case "owned_by": {
        const { ownedBy } = sequenceOptions([option]);
        if (ownedBy === null) {
          refuse(
            "ALTER SEQUENCE … OWNED BY NONE is not supported: DuckDB cannot take a sequence from its table",
            "Drop the sequence together with its table, and create another one without an owner.",
          );
        }
        statements.push(ownSequence(sequence, ownColumn(ownedBy), ifExists));
        break;
      }
      case "restart": {
        const value = optionNumber(option);
        if (value === null) {
          refuse(
            "ALTER SEQUENCE … RESTART is not supported without a value: DuckDB's sequences do not go back",
            "RESTART WITH a value that the sequence has not reached yet is supported; else create another sequence.",
          );
        }
        if (ifExists) refuse("ALTER SEQUENCE IF EXISTS … RESTART is not supported", "Leave IF EXISTS out.");
        const number = { A_Const: { fval: { fval: value }, location: -1 } };
        statements.push(advanceSequence(sequence, number, booleanConstant(false), null));
        break;
      }
      case "cache":
      case "logged":
        notices.push(`ALTER SEQUENCE … ${name === "cache" ? "CACHE" : "SET LOGGED"} changes nothing here`);
        break;
      default:
        refuse(
          `ALTER SEQUENCE with ${name.toUpperCase()} is not supported: DuckDB cannot change a sequence's options`,
          "Create another sequence with CREATE SEQUENCE … START WITH.",
        );
    }
  }
  return changed([...statements, doNothing], notices);
}
