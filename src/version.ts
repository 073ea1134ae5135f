/** The program's version, as it stands in `deno.json`. */
import denoConfig from "../deno.json" with { type: "json" };

export const version: string = denoConfig.version;

/** The build's time (RFC 3339) and commit; empty where nobody knows them. */
export const build: { readonly time: string; readonly commit: string } = { time: "", commit: "" };
