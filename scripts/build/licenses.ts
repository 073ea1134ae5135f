/** The licences of what is in an executable, as one text: MIT, BSD and Apache ask that copies carry them. */
import { join } from "node:path";
import { type DenoLock, importedPackages, withDependencies } from "./packages.ts";
import type { Platform } from "./platform.ts";

const isLicense = /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i;

/** Eider's own licence, Deno's, and those of the npm packages, as they are installed in `root`. */
export async function collectLicenses(root: string, platform: Platform): Promise<string> {
  const sections: [string, string][] = [
    ["Eider", await Deno.readTextFile(join(root, "LICENSE"))],
    ["Deno", await Deno.readTextFile(join(root, "packaging", "licenses", "deno.txt"))],
  ];
  const { imports } = JSON.parse(await Deno.readTextFile(join(root, "deno.json"))) as {
    imports: Record<string, string>;
  };
  const lock = JSON.parse(await Deno.readTextFile(join(root, "deno.lock"))) as DenoLock;
  for (const { name, version } of withDependencies(importedPackages(imports, lock, platform))) {
    sections.push([`${name} ${version}`, await licenseOf(packageFolder(root, name, version))]);
  }
  return sections.map(([name, text]) => `==== ${name}\n\n${text.trim()}\n`).join("\n");
}

/** Where Deno has installed a package. */
export function packageFolder(root: string, name: string, version: string): string {
  return join(root, "node_modules", ".deno", `${name.replaceAll("/", "+")}@${version}`, "node_modules", name);
}

async function licenseOf(folder: string): Promise<string> {
  const texts: string[] = [];
  for await (const { isFile, name } of Deno.readDir(folder)) {
    if (isFile && isLicense.test(name)) texts.push(await Deno.readTextFile(join(folder, name)));
  }
  if (texts.length > 0) return texts.sort().join("\n");
  return `License: ${await statedLicense(folder) ?? "not stated"} (the package has no licence file)`;
}

/** The SPDX expression in a package's `package.json`. */
export async function statedLicense(folder: string): Promise<string | undefined> {
  const { license } = JSON.parse(await Deno.readTextFile(join(folder, "package.json"))) as { license?: unknown };
  return typeof license === "string" ? license : undefined;
}
