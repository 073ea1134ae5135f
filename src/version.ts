/** The program's version, as it stands in `deno.json`. */
import denoConfig from "../deno.json" with { type: "json" };

export const version: string = denoConfig.version;
