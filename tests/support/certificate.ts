/** The certificate that a server made for itself. */
import type { TestServer } from "./server.ts";

/** The path of the PEM file under data_dir/certs that holds a certificate and no key. */
export async function certificatePathOf(server: TestServer): Promise<string> {
  const folder = `${server.dataDir}/certs`;
  for await (const entry of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(`${folder}/${entry.name}`);
    if (text.includes("BEGIN CERTIFICATE") && !text.includes("PRIVATE KEY")) return `${folder}/${entry.name}`;
  }
  throw new Error(`no certificate in ${folder}`);
}

/** Its PEM text. */
export async function certificateOf(server: TestServer): Promise<string> {
  return await Deno.readTextFile(await certificatePathOf(server));
}
