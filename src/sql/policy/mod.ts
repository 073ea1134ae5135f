/**
 * The statement policy: what a session may do, decided on the parsed statement before DuckDB sees it.
 *
 *     await loadPolicyParser();                      // once a process
 *     for (const statement of parseStatements(text)) // cached by text
 *       checkStatement(statement, context);          // throws an AppError
 */
export { loadPolicyParser } from "../pg_parser.ts";
export type {
  CopyOptions,
  CursorMove,
  IsolationLevel,
  ParsedStatement,
  RelationName,
  StatementAction,
  StatementKind,
  TransactionModes,
} from "../statement.ts";
export { parseStatements } from "./parse.ts";
export { checkStatement } from "./check.ts";
export type { PolicyContext } from "./relations.ts";
