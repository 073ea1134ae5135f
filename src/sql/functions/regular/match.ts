/**
 * Runs a compiled regular expression. A step is never tried twice at one place, so the time is at most proportional to the length of
 * the text times that of the program; with references to groups, where that does not hold, the number of tries is limited.
 *
 * All ways are followed until the longest (or shortest) match at the first place that has one is known; among ways to the same end
 * the first counts, which tells what the groups hold.
 */
import { sqlError } from "../errors.ts";
import type { Program } from "./program.ts";
import { isWordCharacter, type Place } from "./syntax.ts";

/** Positions in UTF-16 units: start and end of the match and of each group; -1 for a group that took no part. */
export type Match = Int32Array;

/** With references: tries in one search, some 0.1 s. */
const triesMax = 5_000_000;
/** Marks kept ready for the next search; a search of a longer text makes its own. 4 MB. */
const sharedMarksMax = 1_000_000;
/** Marks of one search: 256 MB. */
const marksMax = 64_000_000;
let sharedMarks = new Int32Array(4096);
/** What is marked with another number counts as not marked, so nothing has to be cleared. */
let searchNumber = 0;

/** The leftmost match that begins at `from` or later. */
export function search(program: Program, text: string, from: number): Match | null {
  const runner = new Runner(program, text, from, false);
  for (let start = from; start <= text.length; start = next(text, start)) {
    if (program.anchored && start > 0) return null;
    if (program.firstTest !== null) {
      const code = text.codePointAt(start);
      if (code === undefined) return null;
      if (!program.firstTest(code)) continue;
    }
    const found = runner.run(start, null);
    if (found !== null) return found;
  }
  return null;
}

/** The position behind the character at `position`. */
export function next(text: string, position: number): number {
  const code = text.codePointAt(position);
  return position + (code !== undefined && code > 0xffff ? 2 : 1);
}

class Runner {
  readonly #program: Program;
  readonly #text: string;
  /** Where the search began: no place before it is visited. */
  readonly #base: number;
  /** For each place and step, the number of the search that came there. */
  readonly #marks: Int32Array;
  readonly #searchNumber: number;
  readonly #slots: Int32Array;
  /** What is still to be tried: pairs of step and place; a negative step is a slot (-1 - slot) that gets its old place back. */
  readonly #pending: number[] = [];
  #tries = 0;

  /** `isInner`: runs while another search does. */
  constructor(program: Program, text: string, base: number, isInner: boolean) {
    this.#program = program;
    this.#text = text;
    this.#base = base;
    this.#slots = new Int32Array(program.slotCount);
    const count = program.hasReferences ? 0 : (text.length - base + 1) * program.steps.length;
    if (count > marksMax) throw sqlError("54000", "text is too long for this regular expression");
    if (isInner || count > sharedMarksMax) {
      this.#marks = new Int32Array(count);
      this.#searchNumber = 1;
      return;
    }
    if (sharedMarks.length < count) sharedMarks = new Int32Array(Math.min(sharedMarksMax, 2 * count));
    if (++searchNumber > 0x7fffffff - 1) {
      sharedMarks.fill(0);
      searchNumber = 1;
    }
    this.#marks = sharedMarks;
    this.#searchNumber = searchNumber;
  }

  /** The match that begins at `start`; with `end`, only one that ends there. */
  run(start: number, end: number | null): Match | null {
    const { steps, prefers, groupCount } = this.#program;
    const text = this.#text;
    const slots = this.#slots.fill(-1);
    const pending = this.#pending;
    pending.length = 0;
    pending.push(0, start);
    let best: Match | null = null;
    while (pending.length > 0) {
      let place = pending.pop()!;
      let at = pending.pop()!;
      if (at < 0) {
        slots[-1 - at] = place;
        continue;
      }
      walk: for (;;) {
        if (this.#seen(at, place)) break;
        const step = steps[at]!;
        switch (step.kind) {
          case "character": {
            const code = text.codePointAt(place);
            if (code === undefined || !step.test(code)) break walk;
            place += code > 0xffff ? 2 : 1;
            at++;
            break;
          }
          case "split":
            pending.push(step.second, place);
            at = step.first;
            break;
          case "jump":
            at = step.to;
            break;
          case "save":
            pending.push(-1 - step.slot, slots[step.slot]!);
            slots[step.slot] = place;
            at++;
            break;
          case "progress":
            if (slots[step.slot] === place) break walk;
            at++;
            break;
          case "assertion":
            if (!isPlace(step.place, text, place)) break walk;
            at++;
            break;
          case "reference": {
            const length = this.#referenceLength(slots, step.index, place);
            if (length === null) break walk;
            place += length;
            at++;
            break;
          }
          case "look":
            if (this.#matchesAround(step.program, step.ahead, place) === step.negative) break walk;
            at++;
            break;
          case "match": {
            if (end !== null && place !== end) break walk;
            const better = best === null || (prefers === "longest" ? place > best[1]! : place < best[1]!);
            if (better) best = slots.slice(0, 2 * (groupCount + 1));
            if (prefers === "first" || end !== null) return best;
            break walk;
          }
        }
      }
    }
    return best;
  }

  /** Marks the step at this place; true when it was marked before. */
  #seen(step: number, place: number): boolean {
    if (this.#program.hasReferences) {
      if (++this.#tries > triesMax) throw sqlError("54000", "regular expression takes too long for this text");
      return false;
    }
    const mark = (place - this.#base) * this.#program.steps.length + step;
    if (this.#marks[mark] === this.#searchNumber) return true;
    this.#marks[mark] = this.#searchNumber;
    return false;
  }

  #referenceLength(slots: Int32Array, index: number, place: number): number | null {
    const from = slots[2 * index]!;
    const to = slots[2 * index + 1]!;
    if (from < 0 || to < 0) return null;
    const wanted = this.#text.slice(from, to);
    const found = this.#text.slice(place, place + wanted.length);
    const same = this.#program.ignoreCase ? wanted.toLowerCase() === found.toLowerCase() : wanted === found;
    return same ? wanted.length : null;
  }

  #matchesAround(program: Program, ahead: boolean, place: number): boolean {
    if (ahead) return new Runner(program, this.#text, place, true).run(place, null) !== null;
    // What stands before: wherever it may begin, it must end here.
    for (let start = place; start >= 0; start--) {
      if (new Runner(program, this.#text, start, true).run(start, place) !== null) return true;
    }
    return false;
  }
}

function isPlace(place: Place, text: string, position: number): boolean {
  switch (place) {
    case "textStart":
      return position === 0;
    case "textEnd":
      return position === text.length;
    case "lineStart":
      return position === 0 || text[position - 1] === "\n";
    case "lineEnd":
      return position === text.length || text[position] === "\n";
    default: {
      const before = position > 0 && isWordCharacter(codeBefore(text, position));
      const after = position < text.length && isWordCharacter(text.codePointAt(position)!);
      if (place === "wordStart") return !before && after;
      if (place === "wordEnd") return before && !after;
      return (before !== after) === (place === "wordEdge");
    }
  }
}

function codeBefore(text: string, position: number): number {
  const unit = text.charCodeAt(position - 1);
  return unit >= 0xdc00 && unit < 0xe000 && position > 1 ? text.codePointAt(position - 2)! : unit;
}
