import assert from "node:assert/strict";
import { booleanConstant, columnRef, integerConstant, operator, textConstant } from "./build.ts";
import { mapList, mapTree, type PgNode, typeOfNode, withFields } from "./tree.ts";

const tree = operator(columnRef("t", "a"), "+", operator(integerConstant(1), "*", textConstant("x")));

Deno.test("mapTree gives the same object back when no visitor changes anything", () => {
  assert.equal(mapTree(tree, { A_Const: (_body, node) => node }), tree);
});

Deno.test("mapTree rebuilds the way to a changed leaf and keeps its neighbours", () => {
  const mapped = mapTree(tree, {
    A_Const: (body, node) => "sval" in body ? booleanConstant(true) : node,
  }) as { A_Expr: { lexpr: PgNode; rexpr: { A_Expr: { lexpr: PgNode; rexpr: PgNode } } } };
  const before = tree as typeof mapped;
  assert.notEqual(mapped, tree);
  assert.equal(mapped.A_Expr.lexpr, before.A_Expr.lexpr);
  assert.equal(mapped.A_Expr.rexpr.A_Expr.lexpr, before.A_Expr.rexpr.A_Expr.lexpr);
  assert.deepEqual(mapped.A_Expr.rexpr.A_Expr.rexpr, booleanConstant(true));
});

Deno.test("mapTree calls a visitor after the node's children are mapped", () => {
  const order: string[] = [];
  mapTree(tree, {
    A_Expr: (body, node) => {
      order.push(String((body["name"] as { String: { sval: string } }[])[0]!.String.sval));
      return node;
    },
  });
  assert.deepEqual(order, ["*", "+"]);
});

Deno.test("a body has no type, a wrapped node has that of its key", () => {
  assert.equal(typeOfNode({ names: [] }), "");
  assert.equal(typeOfNode({}), "");
  assert.equal(typeOfNode(null), "");
  assert.equal(typeOfNode({ A_Star: {} }), "A_Star");
});

Deno.test("withFields keeps the object when all fields are as before, and leaves undefined ones out", () => {
  const body: PgNode = { a: 1, b: 2 };
  assert.equal(withFields(body, { a: 1, c: undefined }), body);
  assert.deepEqual(withFields(body, { a: undefined, b: 3 }), { b: 3 });
});

Deno.test("mapList keeps the array when every item stays", () => {
  const items = [1, 2];
  assert.equal(mapList(items, (item) => item), items);
  assert.deepEqual(mapList(items, (item) => item * 2), [2, 4]);
});
