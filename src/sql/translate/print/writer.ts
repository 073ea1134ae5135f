/**
 * Where the printed text grows. It prints a node with the function that the table of printers has for its kind, keeps the
 * places (which offset of the text stands for which byte of the source), and bounds depth and length: the caller gets null
 * for a tree beyond them, never a stack overflow.
 */
import type { Printed } from "../types.ts";
import { type Node, type NodeBody, type NodeTag, refuse, refuseOtherFields, tagOf } from "./tree.ts";

export interface NodePrinter<Body> {
  /** All fields that `print` looks at, or that cannot change what the statement does; any other one is refused. */
  readonly fields: readonly (keyof Body)[];
  readonly print: (out: Writer, body: Body) => void;
}

/** How each kind of node is printed; a kind without an entry is refused. */
export type NodePrinters = { readonly [Tag in NodeTag]?: NodePrinter<NodeBody<Tag>> };

/**
 * Nested nodes. DuckDB itself refuses an expression deeper than 1,000; a level costs some five JavaScript frames, so this depth
 * fits well into the default stack. Lists, AND and OR chains, joins and set operations do not add to it.
 */
export const depthMax = 1_000;

/**
 * Characters of the printed text. The parser takes texts up to 128 kB and printing makes a few times that of them; only a
 * nested BETWEEN SYMMETRIC, whose operands are printed twice, can grow without it.
 */
export const printedLengthMax = 2 * 1024 * 1024;

export class Writer {
  readonly #printers: NodePrinters;
  readonly #places: { printed: number; original: number }[] = [];
  #text = "";
  #depth = 0;
  #isTranslated = false;
  #subqueriesAllowed = true;

  constructor(printers: NodePrinters) {
    this.#printers = printers;
  }

  write(text: string): void {
    this.#text += text;
    if (this.#text.length > printedLengthMax) refuse("the printed text is too long");
  }

  /** What is written next stood at this byte of the source; libpg-query leaves a location of 0 out and has -1 for none. */
  place(location: number | undefined): void {
    const original = location ?? 0;
    const printed = this.#text.length;
    if (original < 0 || this.#places.at(-1)?.printed === printed) return;
    this.#places.push({ printed, original });
  }

  node(node: Node | undefined): void {
    const tag = tagOf(node);
    this.body(tag, (node as Record<NodeTag, NodeBody<NodeTag>>)[tag]);
  }

  /** Prints a node that stands without its wrapper. */
  body<Tag extends NodeTag>(tag: Tag, body: NodeBody<Tag>): void {
    const printer = this.#printers[tag] as NodePrinter<NodeBody<Tag>> | undefined;
    if (printer === undefined) refuse(`${tag} has no DuckDB text`);
    refuseOtherFields(body, printer.fields);
    if (++this.#depth > depthMax) refuse("the tree is too deep");
    printer.print(this, body);
    this.#depth--;
  }

  /** `print` for each item, with `separator` between. */
  list<Item>(items: readonly Item[], print: (item: Item) => void, separator = ", "): void {
    let lead = "";
    for (const item of items) {
      this.write(lead);
      lead = separator;
      print(item);
    }
  }

  /** Says that DuckDB would refuse the source's own words here, or take them for something else. */
  translates(): void {
    this.#isTranslated = true;
  }

  get isTranslated(): boolean {
    return this.#isTranslated;
  }

  /** False where DuckDB takes no subquery: an outer join's ON, a CHECK, a generated column. Its `= ANY (array)` is one. */
  get subqueriesAllowed(): boolean {
    return this.#subqueriesAllowed;
  }

  withoutSubqueries(print: () => void): void {
    const before = this.#subqueriesAllowed;
    this.#subqueriesAllowed = false;
    print();
    this.#subqueriesAllowed = before;
  }

  bracketedNode(node: Node | undefined): void {
    this.write("(");
    this.node(node);
    this.write(")");
  }

  brackets(print: () => void): void {
    this.write("(");
    print();
    this.write(")");
  }

  printed(): Printed {
    return { text: this.#text, places: this.#places };
  }
}
