/** The self-extracting executable's own part: unpacking, the cache folder, and how the program is handed over to. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { eventually } from "../support/server.ts";
import { isRoot, launcherTest, makePlace, mountsMissing, type Place, userId } from "./executable.ts";

const version = /^eider \d+\.\d+\.\d+\S* \(Deno [^)]+\)\n$/;
const programName = /^\d+\.\d+\.\d+\S*-[0-9a-f]{16}$/;
const mounts = mountsMissing();
const needsRoot = isRoot ? null : "root is needed";

async function startsWell(place: Place, options?: Parameters<Place["run"]>[1]): Promise<void> {
  const { code, out, err } = await place.run(["version"], options);
  deepEqual([code, err], [0, ""]);
  match(out, version);
}

/** The only program folder in the cache. */
function programFolder(place: Place): string {
  const names = place.cached();
  equal(names.length, 1, names.join(" "));
  match(names[0]!, programName);
  return join(place.cache, names[0]!);
}

function tmpfs(path: string, options = "mode=1777"): string {
  return `mount -t tmpfs -o ${options} tmpfs '${path}'`;
}

launcherTest(
  "it starts in an empty environment, with no PATH, and unpacks into a private folder of its user",
  async () => {
    await using place = await makePlace();
    const script = `"$1" version && ls -ldn /var/tmp/* && ls -A /var/tmp/*`;
    const { code, out, err } = await place.run([], { env: {}, mounts: [tmpfs("/var/tmp")], script });
    deepEqual([code, err], [0, ""]);
    const [first = "", folder = "", name = ""] = out.trim().split("\n");
    match(`${first}\n`, version);
    match(folder, new RegExp(`^drwx------\\S* +\\d+ ${userId} .* /var/tmp/eider-${userId}$`));
    match(name, programName);
  },
  [mounts],
);

launcherTest("a PATH without any program in it is enough, and reaches the program unchanged", async () => {
  await using place = await makePlace();
  const child = place.start(["worker", `--socket-directory=${place.home}`], {
    env: { HOME: place.home, PATH: "/nowhere", XDG_CACHE_HOME: "" },
    stdin: "",
  });
  const log = child.stdout.getReader();
  await log.read(); // "ready"
  const environment = Deno.readTextFileSync(`/proc/${child.pid}/environ`).split("\0").filter((line) => line !== "");
  const names = environment.map((line) => line.split("=", 1)[0]).filter((name) =>
    !["PWD", "OLDPWD", "_", "SHLVL"].includes(name!)
  );
  ok(environment.includes("PATH=/nowhere"), environment.join("\n"));
  deepEqual(names.sort(), ["DENO_DIR", "DENO_NO_UPDATE_CHECK", "HOME", "PATH", "XDG_CACHE_HOME"]);
  await child.stdin.close();
  await child.status;
  log.releaseLock();
  await child.stdout.cancel();
  await child.stderr.cancel();
});

launcherTest(
  "its folder is read-only and stays as it was; the cache is private, and the umask is the caller's",
  async () => {
    await using place = await makePlace();
    const backup = join(place.home, "backup");
    const script =
      `umask 022 && "$1" migrate up "--data-dir=$HOME/data" >/dev/null && "$1" backup "--data-dir=$HOME/data" '${backup}'`;
    const { code, err } = await place.run([], { script });
    deepEqual([code, err], [0, ""]);
    deepEqual([...Deno.readDirSync(join(place.folder, "install ed"))].map(({ name }) => name), ["eider"]);
    const folder = programFolder(place);
    equal(Deno.statSync(folder).mode! & 0o777, 0o700);
    equal(Deno.statSync(place.cache).mode! & 0o777, 0o700);
    equal(Deno.statSync(folder).uid, userId);
    equal(
      Deno.statSync(join(place.home, "data", "metadata.duckdb")).mode! & 0o044,
      0o044,
      "umask 022, not the launcher's",
    );
  },
);

launcherTest("arguments keep their spaces and quotes, and exit codes come through", async () => {
  await using place = await makePlace();
  const folder = `/tmp/it's "a" $HOME * folder`;
  const config = await place.run(["config", "--data-dir", folder, "--alert-webhook-headers", '{"a b": "c"}']);
  equal(config.code, 2, "a header's name has no space");
  match(config.err, /^eider: alert_webhook_headers: [^\n]*\n$/);
  const good = await place.run(["config", "--data-dir", folder]);
  equal(good.code, 0, good.err);
  match(good.out, /it's/);
  ok(good.out.includes("$HOME * folder"), good.out);
  const unknown = await place.run(["no such subcommand", ""]);
  deepEqual([unknown.code, unknown.out], [2, ""]);
  match(unknown.err, /^eider: unknown subcommand no such subcommand: [^\n]*\n$/);
});

launcherTest("two first starts at once both work, and leave one program folder", async () => {
  await using place = await makePlace();
  const results = await Promise.all([place.run(["version"]), place.run(["version"]), place.run(["version"])]);
  deepEqual(results.map(({ code, err }) => [code, err]), [[0, ""], [0, ""], [0, ""]]);
  programFolder(place);
});

launcherTest("a start that is killed while it unpacks does no harm, and the next one clears up after it", async () => {
  await using place = await makePlace();
  // A session of its own, so that the whole group can be killed, with the tools that the launcher runs.
  const child = place.start([], {
    script: `exec setsid "$1" version`,
    env: { HOME: place.home, PATH: "/usr/bin:/bin" },
  });
  const output = child.output();
  await eventually("it unpacks", () => {
    try {
      return place.cached().some((name) => Deno.statSync(join(place.cache, name, "lib", "eider")).size > 1e6);
    } catch {
      return false;
    }
  });
  Deno.kill(child.pid, "SIGSTOP");
  killSession(child.pid);
  equal((await output).success, false);
  match(place.cached()[0] ?? "", /^\.unpacking-/);
  await startsWell(place);
  programFolder(place);
});

/** Every process of the session that the process leads (Linux). */
function killSession(leader: number): void {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const session = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]);
      if (session === leader) Deno.kill(Number(name), "SIGKILL");
    } catch {
      // It has ended.
    }
  }
}

launcherTest("a program folder that is not whole, or not private, is replaced", async () => {
  await using place = await makePlace();
  await startsWell(place);
  const folder = programFolder(place);
  const library = `${folder}/node_modules/@duckdb`;
  const harms: readonly (() => void)[] = [
    () => Deno.truncateSync(`${folder}/app/code/main.js`, 10),
    () => Deno.removeSync(library, { recursive: true }),
    () => Deno.chmodSync(folder, 0o755),
  ];
  for (const harm of harms) {
    const before = Deno.statSync(folder).ino;
    harm();
    await startsWell(place);
    notEqual(Deno.statSync(programFolder(place)).ino, before);
    ok(Deno.statSync(library).isDirectory);
  }
  const { ino } = Deno.statSync(folder);
  await startsWell(place);
  equal(Deno.statSync(folder).ino, ino, "and one that is whole stays");
});

launcherTest(
  "a cache that belongs to somebody else, is read-only or mounted noexec is left alone for another",
  async () => {
    await using place = await makePlace();
    await Deno.mkdir(place.cache, { recursive: true });
    const script = `"$1" version && cd /var/tmp && echo *`;
    const cases: readonly (readonly string[])[] = [
      [], // the folder is root's
      [`chown ${userId} '${place.home}/.cache' '${place.cache}'`, tmpfs(place.cache, `noexec,uid=${userId},mode=700`)],
      [`chown ${userId} '${place.home}/.cache' '${place.cache}'`, tmpfs(place.cache, `ro,uid=${userId},mode=700`)],
      [`chmod 0777 '${place.cache}'`],
    ];
    for (const extra of cases) {
      const { code, out, err } = await place.run([], { mounts: [tmpfs("/var/tmp"), ...extra], script });
      deepEqual([code, err], [0, ""], extra.join());
      equal(out.trim().split("\n")[1], `eider-${userId}`);
      deepEqual(place.cached(), []);
    }
  },
  [mounts, needsRoot],
);

launcherTest("where no folder is left, one line names each with its reason", async () => {
  await using place = await makePlace();
  await Deno.mkdir(place.cache, { recursive: true });
  const temporary = join(place.folder, "tmp");
  await Deno.mkdir(temporary);
  const { code, out, err } = await place.run(["version"], {
    env: { HOME: place.home, TMPDIR: temporary },
    mounts: [tmpfs("/var/tmp", "ro"), tmpfs(temporary, "noexec,mode=1777")],
  });
  deepEqual([code, out], [1, ""]);
  match(err, /^eider: cannot unpack itself, no folder is usable: [^\n]+\. Name one with EIDER_CACHE_DIR\n$/);
  ok(err.includes(`${place.cache} (belongs to another user)`), err);
  match(err, new RegExp(`; /var/tmp/eider-${userId} \\(.*Read-only file system\\); `));
  ok(err.includes(`${temporary}/eider-${userId} (programs cannot be run there: mounted noexec)`), err);
}, [mounts, needsRoot]);

launcherTest("a disk without room is one line, and nothing is left on it", async () => {
  await using place = await makePlace();
  const small = join(place.folder, "small");
  await Deno.mkdir(small);
  const { code, out, err } = await place.run([], {
    env: { EIDER_CACHE_DIR: join(small, "cache") },
    mounts: [tmpfs(small, "size=40m,mode=1777")],
    script: `"$1" version; echo "$?"; ls -A '${small}/cache'`,
  });
  deepEqual([code, out], [0, "1\n"]);
  match(err, /^eider: cannot unpack itself, no folder is usable: [^\n]*No space left on device[^\n]*\n$/);
}, [mounts]);

launcherTest("EIDER_CACHE_DIR is the only folder that is tried, and is no key of the configuration", async () => {
  await using place = await makePlace();
  const chosen = join(place.home, "a cache");
  await startsWell(place, { env: { HOME: place.home, EIDER_CACHE_DIR: chosen } });
  match([...Deno.readDirSync(chosen)][0]!.name, programName);
  const config = await place.run(["config"], { env: { EIDER_CACHE_DIR: chosen } });
  deepEqual([config.code, config.err], [0, ""]);
  for (const [folder, reason] of [["relative", "not an absolute path"], ["/proc/none", "[^)]*"]] as const) {
    const { code, err } = await place.run(["version"], { env: { HOME: place.home, EIDER_CACHE_DIR: folder } });
    equal(code, 1);
    match(
      err,
      new RegExp(`^eider: cannot unpack itself, no folder is usable: ${folder} \\(${reason}\\)\\. [^\\n]*\\n$`),
    );
  }
});

launcherTest("another version is unpacked beside the one before, which goes on as it was", async () => {
  await using place = await makePlace();
  await startsWell(place);
  const old = programFolder(place);
  const before = Deno.statSync(old).ino;
  // The key is in the first bytes of the file; the same program under another key is another version to the launcher.
  const bytes = await Deno.readFile(place.executable);
  const header = new TextDecoder("latin1").decode(bytes.subarray(0, 4096));
  const key = /^eider_id='([^']+)'$/m.exec(header)![1]!;
  const next = key.replace(/.$/, key.endsWith("0") ? "1" : "0");
  bytes.set(new TextEncoder().encode(next), header.indexOf(key));
  const file = join(place.folder, "eider.next");
  await Deno.writeFile(file, bytes, { mode: 0o755 });
  await startsWell(place, { file });
  deepEqual(place.cached(), [key, next].sort());
  await startsWell(place);
  equal(Deno.statSync(old).ino, before);
});

launcherTest("a file that was cut short or belongs to another machine says so in one line", async () => {
  await using place = await makePlace();
  const bytes = await Deno.readFile(place.executable);
  const broken = join(place.folder, "broken");
  await Deno.writeFile(broken, bytes.subarray(0, bytes.length - 1), { mode: 0o755 });
  const cut = await place.run(["version"], { file: broken });
  deepEqual([cut.code, cut.out], [1, ""]);
  match(cut.err, /^eider: \S+ is damaged: it should have \d+ bytes\n$/);
  const header = new TextDecoder("latin1").decode(bytes.subarray(0, 8192));
  const machine = /'(Linux x86_64|Linux aarch64|Darwin arm64)'/.exec(header)![1]!;
  bytes.set(new TextEncoder().encode("Linux".padEnd(machine.length, "?")), header.indexOf(machine));
  await Deno.writeFile(broken, bytes);
  const foreign = await place.run(["version"], { file: broken });
  deepEqual([foreign.code, foreign.out], [1, ""]);
  match(foreign.err, /^eider: this executable is for \S+, and this machine is [^\n]+\n$/);
});
