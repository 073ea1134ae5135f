/**
 * The grammar of generated expressions, written as data (`topics/`). A line of a topic is a type and how one writes a value of it:
 *
 *     text: upper({text})
 *     int4: {int4} / {int4}
 *
 * where `{type}` stands for another expression and `{type!}` for a constant of that type. `type = a | b` lists a type's constants, the
 * simplest first. `any` stands for a type that is drawn once a line. `-- ` begins a comment. What is known to differ is left out here, or
 * stands in `known.ts`.
 */
import { fileURLToPath } from "node:url";

export interface Rule {
  readonly type: string;
  readonly template: string;
  readonly topic: string;
}

export interface Grammar {
  /** By type. */
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  readonly constants: ReadonlyMap<string, readonly string[]>;
}

/** A part of a template: a text, or the type of an expression or constant to put there. */
export type TemplatePart =
  | { readonly text: string }
  | { readonly type: string; readonly constant: boolean };

/** What stands in a template and is no type; see `expressions.ts`. */
const places: ReadonlySet<string> = new Set(["any", "keys", "peers", "ordered", "frame"]);

const folder = fileURLToPath(new URL("./topics/", import.meta.url));

/** The topics by name: the files in `topics/`. */
export function readTopics(): Record<string, string> {
  const names = [...Deno.readDirSync(folder)].map((entry) => entry.name).filter((name) => name.endsWith(".grammar"))
    .sort();
  return Object.fromEntries(names.map((name) => [name.replace(".grammar", ""), Deno.readTextFileSync(folder + name)]));
}

/** Throws for a line that it does not understand, and for a type without constants. */
export function makeGrammar(topics: Readonly<Record<string, string>>): Grammar {
  const rules = new Map<string, Rule[]>();
  const constants = new Map<string, readonly string[]>();
  for (const [topic, text] of Object.entries(topics)) readTopic(topic, text, rules, constants);
  for (const rule of [...rules.values()].flat()) {
    for (const part of templateParts(rule.template)) {
      if (!("type" in part) || places.has(part.type) || constants.has(part.type)) continue;
      throw new Error(`${rule.topic}: no constants of type ${part.type}: ${rule.template}`);
    }
  }
  return { rules, constants };
}

function readTopic(
  topic: string,
  text: string,
  rules: Map<string, Rule[]>,
  constants: Map<string, readonly string[]>,
): void {
  for (const line of text.split("\n").map((one) => one.trim())) {
    if (line === "" || line.startsWith("-- ")) continue;
    const values = /^(\w+(?:\[\])?) = (.+)$/.exec(line);
    const rule = /^(\w+(?:\[\])?): (.+)$/.exec(line);
    if (values !== null) constants.set(values[1]!, values[2]!.split(" | "));
    else if (rule !== null) {
      const type = rule[1]!;
      rules.set(type, [...rules.get(type) ?? [], { type, template: rule[2]!, topic }]);
    } else throw new Error(`${topic}: neither a rule nor constants: ${line}`);
  }
}

export function templateParts(template: string): readonly TemplatePart[] {
  return template.split(/(\{\w+(?:\[\])?!?\})/).filter((part) => part !== "").map((part) => {
    if (!/^\{\w/.test(part)) return { text: part };
    const constant = part.endsWith("!}");
    return { type: part.slice(1, constant ? -2 : -1), constant };
  });
}
