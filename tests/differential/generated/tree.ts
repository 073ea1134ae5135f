/**
 * A generated piece of SQL as a tree, so that a statement that differs can be made smaller: every piece knows its kind, and a piece can
 * be taken out, or stand in another one's place, where the kind is the same.
 */

/** What a piece is: a type of values, a part of a query, or one that may be left out. */
export type Kind = string;

export interface Piece {
  readonly kind: Kind;
  readonly parts: readonly (string | Piece)[];
  /** The template it was made from, which names a finding's shape. */
  readonly rule?: string;
  /** Parts are items with this text between them, one of which may be left out as long as another stays. */
  readonly separator?: string;
}

/** Pieces of this kind may be left out as a whole. */
export const optionalKind: Kind = "optional";

export function piece(kind: Kind, ...parts: readonly (string | Piece)[]): Piece {
  return { kind, parts };
}

export function optional(...parts: readonly (string | Piece)[]): Piece {
  return { kind: optionalKind, parts };
}

export const nothing: Piece = { kind: optionalKind, parts: [] };

export function items(parts: readonly Piece[], separator = ", "): Piece {
  return { kind: "items", parts, separator };
}

export function render(tree: Piece): string {
  return tree.parts.map((part) => typeof part === "string" ? part : render(part)).join(tree.separator ?? "");
}

/** The piece itself and all below it, outer ones first. */
export function* pieces(tree: Piece): Generator<Piece> {
  yield tree;
  for (const part of tree.parts) if (typeof part !== "string") yield* pieces(part);
}

/** The templates of all pieces, each once, sorted. */
export function rulesOf(tree: Piece): readonly string[] {
  return [...new Set([...pieces(tree)].flatMap(({ rule }) => rule === undefined ? [] : [rule]))].sort();
}

/** Every tree that has one piece less or a simpler one, the largest steps first. `simplest` gives what may stand for a kind. */
export function* smallerTrees(tree: Piece, simplest: (kind: Kind) => readonly string[]): Generator<Piece> {
  yield* replacements(tree, simplest);
  for (const [at, part] of tree.parts.entries()) {
    if (typeof part === "string") continue;
    for (const smaller of smallerTrees(part, simplest)) yield withPart(tree, at, smaller);
  }
}

function* replacements(tree: Piece, simplest: (kind: Kind) => readonly string[]): Generator<Piece> {
  if (tree.kind === optionalKind) {
    if (tree.parts.length > 0) yield nothing;
    return;
  }
  if (tree.separator !== undefined) {
    if (tree.parts.length < 2) return;
    for (const at of tree.parts.keys()) yield { ...tree, parts: tree.parts.filter((_, other) => other !== at) };
    return;
  }
  const text = render(tree);
  for (const inner of pieces(tree)) {
    if (inner !== tree && inner.kind === tree.kind && render(inner).length < text.length) yield inner;
  }
  for (const constant of simplest(tree.kind)) {
    if (constant === text) return;
    if (constant.length < text.length || tree.rule !== undefined) yield piece(tree.kind, constant);
  }
}

function withPart(tree: Piece, at: number, part: Piece): Piece {
  return { ...tree, parts: tree.parts.map((old, place) => place === at ? part : old) };
}
