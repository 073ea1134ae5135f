/** The program's version, as it stands in `deno.json`, and the build that it is of. */
import denoConfig from "../deno.json" with { type: "json" };

export const version: string = denoConfig.version;

/** The build's time (RFC 3339) and commit; empty where nobody knows them, as in a checkout. */
export const build: { readonly time: string; readonly commit: string } = readBuild();

/** An executable has the file above its code (`scripts/build/program_folder.ts`). */
function readBuild(): { readonly time: string; readonly commit: string } {
  try {
    const text = Deno.readTextFileSync(new URL("../build.json", import.meta.url));
    const { time, commit } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return { time: String(time ?? ""), commit: String(commit ?? "") };
  } catch {
    return { time: "", commit: "" };
  }
}
