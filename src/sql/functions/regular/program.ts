/** A regular expression as a list of steps for `match.ts`. Counted parts are copied, so its length is bounded. */
import { sqlError } from "../errors.ts";
import { isNullable, nodesOf, preference } from "./shape.ts";
import { type CharacterTest, characterTest, type Place, type RegularExpression, type RegularNode } from "./syntax.ts";

export type Step =
  | { readonly kind: "character"; readonly test: CharacterTest }
  /** Tries `first`, and `second` when that fails. */
  | { readonly kind: "split"; first: number; second: number }
  | { readonly kind: "jump"; to: number }
  | { readonly kind: "save"; readonly slot: number }
  | { readonly kind: "assertion"; readonly place: Place }
  /** Fails when nothing was read since the position was saved in `slot`: a loop over nothing would not end. */
  | { readonly kind: "progress"; readonly slot: number }
  | { readonly kind: "reference"; readonly index: number }
  | { readonly kind: "look"; readonly program: Program; readonly ahead: boolean; readonly negative: boolean }
  | { readonly kind: "match" };

export interface Program {
  readonly steps: readonly Step[];
  readonly groupCount: number;
  /** Positions kept: two a group, the whole included, and one a loop that may read nothing. */
  readonly slotCount: number;
  readonly prefers: "longest" | "shortest" | "first";
  /** A path's future depends on what groups have matched. */
  readonly hasReferences: boolean;
  readonly ignoreCase: boolean;
  /** Can only match at the start of the text. */
  readonly anchored: boolean;
  /** What a match must begin with, when that is one set of characters. */
  readonly firstTest: CharacterTest | null;
}

/** 24 bytes a step; `(x{1,255}){1,255}` would be 65,025. */
const stepsMax = 50_000;

export function compile(expression: RegularExpression): Program {
  const { root, groupCount, ignoreCase } = expression;
  return compileNode(root, groupCount, ignoreCase, preference(root) ?? "first");
}

function compileNode(
  root: RegularNode,
  groupCount: number,
  ignoreCase: boolean,
  prefers: Program["prefers"],
): Program {
  const steps: Step[] = [];
  const hasReferences = [...nodesOf(root)].some((node) => node.kind === "reference");
  let slotCount = 2 * (groupCount + 1);
  const add = (step: Step): number => {
    if (steps.length >= stepsMax) throw sqlError("54000", "regular expression is too complex");
    return steps.push(step) - 1;
  };
  /** `lazyAround`: the part stands inside one that prefers the shortest match, and so does what is in it. */
  const emit = (node: RegularNode, lazyAround: boolean): void => {
    switch (node.kind) {
      case "set":
        add({ kind: "character", test: characterTest(node.set, ignoreCase) });
        return;
      case "sequence":
        for (const part of node.parts) emit(part, lazyAround);
        return;
      case "choice": {
        const ends: { kind: "jump"; to: number }[] = [];
        node.options.forEach((option, index) => {
          if (index === node.options.length - 1) return emit(option, lazyAround);
          const split = { kind: "split" as const, first: steps.length + 1, second: 0 };
          add(split);
          emit(option, lazyAround);
          const end = { kind: "jump" as const, to: 0 };
          add(end);
          ends.push(end);
          split.second = steps.length;
        });
        for (const end of ends) end.to = steps.length;
        return;
      }
      case "group":
        add({ kind: "save", slot: 2 * node.index });
        emit(node.part, lazyAround);
        add({ kind: "save", slot: 2 * node.index + 1 });
        return;
      case "reference":
        add({ kind: "reference", index: node.index });
        return;
      case "assertion":
        add({ kind: "assertion", place: node.place });
        return;
      case "look":
        add({
          kind: "look",
          program: compileNode(node.part, 0, ignoreCase, "first"),
          ahead: node.ahead,
          negative: node.negative,
        });
        return;
      case "repeat": {
        const lazy = lazyAround || node.greedy === false;
        for (let count = 0; count < node.min; count++) emit(node.part, lazy);
        if (node.max === null) emitLoop(node.part, lazy);
        else emitOptional(node.part, node.max - node.min, lazy);
      }
    }
  };
  const branch = (lazy: boolean): { enter: () => void; leave: (to: number) => void } => {
    const split = { kind: "split" as const, first: 0, second: 0 };
    add(split);
    return {
      enter: () => {
        if (lazy) split.second = steps.length;
        else split.first = steps.length;
      },
      leave: (to) => {
        if (lazy) split.first = to;
        else split.second = to;
      },
    };
  };
  const emitLoop = (part: RegularNode, lazy: boolean): void => {
    const start = steps.length;
    const exit = branch(lazy);
    exit.enter();
    // Without references a step is not tried twice at one place anyway.
    const slot = hasReferences && isNullable(part) ? slotCount++ : null;
    if (slot !== null) add({ kind: "save", slot });
    emit(part, lazy);
    if (slot !== null) add({ kind: "progress", slot });
    add({ kind: "jump", to: start });
    exit.leave(steps.length);
  };
  const emitOptional = (part: RegularNode, count: number, lazy: boolean): void => {
    const exits = [];
    for (let index = 0; index < count; index++) {
      const exit = branch(lazy);
      exit.enter();
      emit(part, lazy);
      exits.push(exit);
    }
    for (const exit of exits) exit.leave(steps.length);
  };
  add({ kind: "save", slot: 0 });
  emit(root, false);
  add({ kind: "save", slot: 1 });
  add({ kind: "match" });
  return {
    steps,
    groupCount,
    slotCount,
    prefers,
    hasReferences,
    ignoreCase,
    anchored: firstPart(root)?.kind === "assertion" && (firstPart(root) as { place: Place }).place === "textStart",
    firstTest: firstTest(root, ignoreCase),
  };
}

function firstPart(node: RegularNode): RegularNode | undefined {
  if (node.kind === "sequence") return node.parts[0] === undefined ? undefined : firstPart(node.parts[0]);
  return node.kind === "group" ? firstPart(node.part) : node;
}

function firstTest(node: RegularNode, ignoreCase: boolean): CharacterTest | null {
  const first = firstPart(node);
  if (first?.kind === "set") return characterTest(first.set, ignoreCase);
  return first?.kind === "repeat" && first.min > 0 ? firstTest(first.part, ignoreCase) : null;
}
