/**
 * The SQL editor: CodeMirror with PostgreSQL's dialect, names to complete, and a mark where the server found an error. It is large, so
 * it is a file of its own that is loaded when the SQL page is opened. Colours come from the sheet, for both themes.
 */
/// <reference lib="dom" />
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, toggleComment } from "@codemirror/commands";
import { PostgreSQL, sql, type SQLNamespace } from "@codemirror/lang-sql";
import { bracketMatching, ensureSyntaxTree, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

export interface TextRange {
  readonly from: number;
  readonly to: number;
}

export interface SqlEditor {
  text(): string;
  /** What Ctrl-Enter runs: the selection, else the statement at the cursor. */
  chosen(): TextRange;
  setText(text: string): void;
  insert(text: string): void;
  /** Marks the word at a place, in UTF-16 units; null takes the mark away. */
  markError(offset: number | null): void;
  /** Names to complete: schemas with tables with columns. */
  setNames(names: SQLNamespace): void;
  focus(): void;
  destroy(): void;
}

export interface SqlEditorOptions {
  readonly parent: HTMLElement;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly onRun: (what: "chosen" | "all") => void;
}

/** A statement's end is looked for this long; a text that takes longer is run by selecting. */
const parseTimeMs = 200;

const setMark = StateEffect.define<TextRange | null>();
const markField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    // What is being mended is not wrong any more.
    let next = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects) {
      if (!effect.is(setMark)) continue;
      next = effect.value === null
        ? Decoration.none
        : Decoration.set([Decoration.mark({ class: "sql-error-mark" }).range(effect.value.from, effect.value.to)]);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export function createSqlEditor({ parent, text, onChange, onRun }: SqlEditorOptions): SqlEditor {
  const language = new Compartment();
  const dialect = (schema: SQLNamespace) => sql({ dialect: PostgreSQL, schema, defaultSchema: "public" });
  const run = (what: "chosen" | "all") => () => {
    onRun(what);
    return true;
  };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        keymap.of([
          { key: "Mod-Enter", run: run("chosen"), preventDefault: true },
          { key: "Mod-Shift-Enter", run: run("all"), preventDefault: true },
          { key: "Mod-/", run: toggleComment },
        ]),
        lineNumbers(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ maxRenderedOptions: 100 }),
        highlightActiveLine(),
        syntaxHighlighting(classHighlighter),
        placeholder("SELECT …   Ctrl-Enter runs the statement at the cursor, or the selection"),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, indentWithTab]),
        language.of(dialect({})),
        markField,
        EditorView.contentAttributes.of({ "aria-label": "SQL" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    chosen: () => chosenRange(view.state),
    setText: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
    insert: (piece) => {
      view.dispatch(view.state.replaceSelection(piece));
      view.focus();
    },
    markError(offset) {
      const range = offset === null ? null : wordAt(view.state.doc.toString(), offset);
      view.dispatch({
        effects: range === null || offset === null ? setMark.of(null) : [
          setMark.of(range),
          EditorView.scrollIntoView(range.from, { y: "center" }),
        ],
      });
    },
    setNames: (names) => view.dispatch({ effects: language.reconfigure(dialect(names)) }),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

function chosenRange(state: EditorState): TextRange {
  const { main } = state.selection;
  if (!main.empty) return { from: main.from, to: main.to };
  const tree = ensureSyntaxTree(state, state.doc.length, parseTimeMs);
  const statements = tree?.topNode.getChildren("Statement") ?? [];
  // Behind a semicolon, and between two statements, the one before counts; above all of them, the first.
  const found = statements.findLast(({ from }) => from <= main.head) ?? statements[0];
  return found === undefined ? { from: 0, to: state.doc.length } : { from: found.from, to: found.to };
}

/** The word or the one character at a place; before the end when the place is the end. */
function wordAt(text: string, offset: number): TextRange | null {
  if (text.length === 0) return null;
  const from = Math.min(Math.max(0, offset), text.length - 1);
  const word = /^(?:[\p{L}\p{N}_$]+|"[^"]*"|'[^']*'|[\s\S])/u.exec(text.slice(from))?.[0] ?? " ";
  return { from, to: Math.min(text.length, from + word.length) };
}
