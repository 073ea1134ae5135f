/** What `eider version` prints. */
import { version } from "../version.ts";

export { version };

export function versionText(): string {
  return `eider ${version} (Deno ${Deno.version.deno})`;
}
