import assert from "node:assert/strict";
import { makeSocketDirectory, socketPathBytesMax } from "./socket_directory.ts";

Deno.test("the socket folder is private, short enough for a socket path, and removed", async () => {
  const directory = await makeSocketDirectory(null);
  const info = await Deno.stat(directory.path);
  assert.equal((info.mode ?? 0) & 0o777, 0o700);
  assert.ok(`${directory.path}/w4194304.sock`.length <= socketPathBytesMax);
  await directory.remove();
  await assert.rejects(Deno.stat(directory.path), Deno.errors.NotFound);
});

Deno.test("a folder whose server lives stays, one whose server is dead goes", async () => {
  const base = await Deno.makeTempDir();
  const living = await makeSocketDirectory(base);
  const dead = `${base}/eider-sockets-00000000`;
  await Deno.mkdir(dead);
  await Deno.writeTextFile(`${dead}/server.lock`, "");
  await Deno.writeTextFile(`${dead}/w1.sock`, "");
  const begun = `${base}/eider-new-1`;
  await Deno.mkdir(begun);
  const abandoned = `${base}/eider-new-2`;
  await Deno.mkdir(abandoned);
  await Deno.utime(abandoned, 0, 0);
  await Deno.mkdir(`${base}/somebody-elses`);
  const next = await makeSocketDirectory(base);
  assert.deepEqual(
    [...Deno.readDirSync(base)].map(({ name }) => `${base}/${name}`).sort(),
    [living.path, next.path, begun, `${base}/somebody-elses`].sort(),
  );
  await living.remove();
  await next.remove();
  await Deno.remove(base, { recursive: true });
});

Deno.test("a base folder with a long path is refused by name", async () => {
  const base = `/tmp/${"x".repeat(90)}`;
  await assert.rejects(makeSocketDirectory(base), /too long: .*x.*107/);
});
