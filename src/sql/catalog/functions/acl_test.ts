import { withFunctionsCatalog } from "./testing_functions.ts";

const items = "['ws_test_user=arw*/project', '=U/ws_test_user', 'project=c/project']";

withFunctionsCatalog("access lists", async (catalog, claim) => {
  await claim("aclexplode gives a row for each privilege", async () => {
    await catalog.gives([
      [`len(aclexplode(${items}))`, "5"],
      [`aclexplode(${items})[1]`, "{'grantor': 11, 'grantee': 10, 'privilege_type': 'INSERT', 'is_grantable': false}"],
      [`aclexplode(${items})[3]`, "{'grantor': 11, 'grantee': 10, 'privilege_type': 'UPDATE', 'is_grantable': true}"],
      [`aclexplode(${items})[4]`, "{'grantor': 10, 'grantee': 0, 'privilege_type': 'USAGE', 'is_grantable': false}"],
      ["aclexplode(NULL)", null],
    ]);
  });
  await claim("acldefault gives what PostgreSQL's does", async () => {
    await catalog.gives([
      ["acldefault('r', 10)", "['ws_test_user=arwdDxt/ws_test_user']"],
      ["acldefault('d', 10)", "['=Tc/ws_test_user', 'ws_test_user=CTc/ws_test_user']"],
      ["acldefault('c', 10)", "[]"],
      ["acldefault('n', 11)", "['project=UC/project']"],
      ["acldefault('r', NULL)", null],
    ]);
    await catalog.raises([["acldefault('q', 10)", "XX000:unrecognized object type abbreviation: q"]]);
  });
  await claim("makeaclitem writes an item", async () => {
    await catalog.gives([
      ["makeaclitem(10, 11, 'SELECT, insert', true)", "ws_test_user=r*a*/project"],
      ["makeaclitem(0, 10, 'usage', false)", "=U/ws_test_user"],
    ]);
    await catalog.raises([["makeaclitem(0, 10, 'foo', false)", '22023:unrecognized privilege type: "foo"']]);
  });
});
