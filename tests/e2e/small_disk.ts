/** A file system that really fills up: a tmpfs, which only root can mount. */

export interface SmallDisk extends AsyncDisposable {
  readonly folder: string;
}

/** Mounted, and unmounted at the end of the scope; null where that is not possible. */
export async function mountSmall(megabytes: number): Promise<SmallDisk | null> {
  const folder = await Deno.makeTempDir({ prefix: "eider_small_" });
  const run = async (command: string, ...args: string[]) =>
    (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()).success;
  const mounted = Deno.uid() === 0 &&
    await run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder).catch(() => false);
  if (!mounted) {
    await Deno.remove(folder);
    return null;
  }
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await run("umount", folder);
      await Deno.remove(folder);
    },
  };
}

const probe = await mountSmall(1);
await probe?.[Symbol.asyncDispose]();

/** For a test's name: empty where a small disk can be had. */
export const skippedWithoutMount = probe === null ? " (skipped: a file system cannot be mounted here)" : "";
