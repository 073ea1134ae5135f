/** The platforms that Eider is released for, and what differs between them. The build is for the one it runs on. */

export interface Platform {
  /** As in the names of releases and of DuckDB's packages. */
  readonly name: "linux-x64" | "linux-arm64" | "darwin-arm64";
  /** What `uname -sm` prints there. */
  readonly machine: string;
  /** The dynamic loader that the runtime is linked with; empty where every system has it. */
  readonly loader: string;
}

const platforms: Readonly<Record<string, Platform>> = {
  "linux x86_64": { name: "linux-x64", machine: "Linux x86_64", loader: "/lib64/ld-linux-x86-64.so.2" },
  "linux aarch64": { name: "linux-arm64", machine: "Linux aarch64", loader: "/lib/ld-linux-aarch64.so.1" },
  "darwin aarch64": { name: "darwin-arm64", machine: "Darwin arm64", loader: "" },
};

/** Throws on a system that Eider is not released for. */
export function thisPlatform(os: string = Deno.build.os, arch: string = Deno.build.arch): Platform {
  const platform = platforms[`${os} ${arch}`];
  if (platform === undefined) {
    throw new Error(`no executable for ${os} ${arch}: accepted are ${Object.keys(platforms).join(", ")}`);
  }
  return platform;
}
