/** Random typed expressions over the columns of a scope, drawn from the grammar. */
import { type Grammar, type Rule, templateParts } from "./grammar.ts";
import type { Column } from "./tables.ts";
import { items, type Kind, optional, type Piece, piece } from "./tree.ts";

/** What an expression may use. */
export interface Scope {
  readonly columns: readonly Column[];
  /** Columns that order the rows without doubt. */
  readonly keys: readonly string[];
  /** The scope inside of an aggregate's brackets; null where aggregates may not stand. */
  readonly grouped: Scope | null;
  readonly windows: boolean;
  /** A query in brackets that gives one value of a type, with the number of levels it may still have; null where none may stand. */
  readonly subquery: ((type: Kind, scope: Scope, depth: number) => Piece) | null;
}

export const emptyScope: Scope = { columns: [], keys: [], grouped: null, windows: false, subquery: null };

/** The types that a column of a result may have. */
export const valueTypes: readonly Kind[] =
  "int4 int8 int2 numeric float8 text text bool date time timestamp timestamptz interval int4[] text[] uuid bytea"
    .split(" ");

/** Draws of one seed. */
export class Draw {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  /** One of what is not empty. */
  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** Between `least` and `most` of what `make` gives. */
  times<T>(least: number, most: number, make: (at: number) => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, (_, at) => make(at));
  }
}

type RuleGroup = "plain" | "aggregates" | "windows";

export class ExpressionMaker {
  readonly draw: Draw;
  readonly #grammar: Grammar;
  /** Of each group by type. */
  readonly #rules: Readonly<Record<RuleGroup, ReadonlyMap<Kind, readonly Rule[]>>>;

  /** `topics` limits the rules; an empty list means all. */
  constructor(grammar: Grammar, draw: Draw, topics: readonly string[] = []) {
    this.#grammar = grammar;
    this.draw = draw;
    const group = (has: (topic: string) => boolean) =>
      new Map(
        [...grammar.rules].map(([type, rules]) => [type, rules.filter((rule) => has(rule.topic))] as const),
      );
    const isPlain = (topic: string) => topic !== "aggregates" && topic !== "windows";
    this.#rules = {
      plain: group((topic) => isPlain(topic) && (topics.length === 0 || topics.includes(topic))),
      aggregates: group((topic) => topic === "aggregates"),
      windows: group((topic) => topic === "windows"),
    };
  }

  constant(type: Kind): Piece {
    const constants = this.#grammar.constants.get(type);
    if (constants === undefined) throw new Error(`no constants of type ${type}`);
    return piece(type, this.draw.of(constants));
  }

  /** At most `depth` levels of rules above columns and constants. */
  expression(type: Kind, scope: Scope, depth: number): Piece {
    const columns = scope.columns.filter((column) => column.type === type);
    if (depth <= 0 || this.draw.chance(0.15)) {
      return columns.length > 0 && this.draw.chance(0.75)
        ? piece(type, this.draw.of(columns).name)
        : this.constant(type);
    }
    if (scope.subquery !== null && this.draw.chance(0.06)) return scope.subquery(type, scope, depth - 1);
    if (scope.grouped !== null && this.draw.chance(0.7)) {
      const rule = this.#rule("aggregates", type);
      if (rule !== null) return this.#apply(rule, type, scope.grouped, depth - 1);
    }
    if (scope.windows && this.draw.chance(0.4)) {
      const rule = this.#rule("windows", type);
      if (rule !== null) return this.#apply(rule, type, { ...scope, windows: false }, depth - 1);
    }
    const rule = this.#rule("plain", type);
    return rule === null ? this.expression(type, scope, 0) : this.#apply(rule, type, scope, depth - 1);
  }

  #rule(group: RuleGroup, type: Kind): Rule | null {
    const own = this.#rules[group].get(type) ?? [];
    const any = this.#rules[group].get("any") ?? [];
    // types with few rules of their own shall not consist of CASE alone
    const rules = own.length > 0 && this.draw.chance(0.75) ? own : [...own, ...valueTypes.includes(type) ? any : []];
    return rules.length === 0 ? null : this.draw.of(rules);
  }

  #apply(rule: Rule, type: Kind, scope: Scope, depth: number): Piece {
    const any = rule.type === "any" ? type : this.draw.of(valueTypes);
    const parts = templateParts(rule.template).map((part) => {
      if ("text" in part) return part.text;
      const wanted = part.type === "any" ? any : part.type;
      if (wanted === "keys") return this.#keys(scope);
      if (wanted === "peers" || wanted === "ordered" || wanted === "frame") return this.#window(wanted, scope, depth);
      return part.constant ? this.constant(wanted) : this.#operand(wanted, scope, depth);
    });
    return { kind: type, parts, rule: rule.template };
  }

  /** In brackets where it is more than a name, a constant or a call: templates do not say how they bind. */
  #operand(type: Kind, scope: Scope, depth: number): Piece {
    const made = this.expression(type, scope, depth);
    const first = made.parts[0];
    const isCall = typeof first === "string" && /^[a-z_0-9]+\($/.test(first) && made.parts.at(-1) === ")";
    return made.rule === undefined || isCall ? made : { ...made, parts: ["(", ...made.parts, ")"] };
  }

  #keys(scope: Scope): string {
    return scope.keys.length === 0 ? "1" : scope.keys.join(", ");
  }

  /** `peers` orders by an expression, `ordered` by keys, too, `frame` has a frame beside. */
  #window(kind: "peers" | "ordered" | "frame", scope: Scope, depth: number): Piece {
    const value = () => this.expression(this.draw.of(valueTypes), scope, Math.min(depth, 1));
    const partition = this.draw.chance(0.5) ? optional("partition by ", value(), " ") : "";
    const direction = () => this.draw.of(["", "", " desc", " nulls first", " desc nulls last"]);
    const by = kind === "peers" || this.draw.chance(0.5) ? [items([piece("order", value(), direction())]), ""] : [];
    const total = kind === "peers" ? [] : [...by.length > 0 ? [", "] : [], this.#keys(scope)];
    const ordered = optional("order by ", ...by, ...total);
    return piece("window", "(", partition, ordered, kind === "frame" ? this.#frame() : "", ")");
  }

  #frame(): Piece | string {
    if (this.draw.chance(0.3)) return "";
    const mode = this.draw.of(["rows", "rows", "groups", "range"]);
    const starts = ["unbounded preceding", "current row", ...mode === "range" ? [] : ["1 preceding", "2 preceding"]];
    const ends = ["unbounded following", "current row", ...mode === "range" ? [] : ["1 following", "2 following"]];
    const exclude = this.draw.chance(0.2)
      ? this.draw.of([" exclude current row", " exclude group", " exclude ties", " exclude no others"])
      : "";
    return optional(` ${mode} between ${this.draw.of(starts)} and ${this.draw.of(ends)}${exclude}`);
  }
}
