/**
 * What the check programs share: each check prints one line, `ok NAME` or `not ok NAME: REASON`. Packages are those that
 * scripts/install_clients.sh has put into .clients/node.
 */
import { AssertionError, deepStrictEqual } from "node:assert";
import { createRequire } from "node:module";

export const requirePackage = createRequire(new URL("../../../.clients/node/package.json", import.meta.url));

/** Runs until it is cancelled. */
export const endless = "SELECT count(*) FROM generate_series(1, 100000000000) g";

export function equal(actual, expected) {
  deepStrictEqual(actual, expected);
}

/** The error of a promise that must be rejected with this SQLSTATE. */
export async function raises(sqlState, promise) {
  let error;
  try {
    await promise;
  } catch (reason) {
    error = reason;
  }
  if (error === undefined) throw new AssertionError({ message: `no error, expected ${sqlState}` });
  if (error.code !== sqlState) {
    throw new AssertionError({ message: `${error.code} ${error.message}, expected ${sqlState}` });
  }
  return error;
}

/** Waits for an event of an emitter, but not for ever. */
export function event(emitter, name) {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => reject(new Error(`no ${name}`)), 20_000);
    emitter.once(name, (value) => {
      clearTimeout(patience);
      resolve(value);
    });
  });
}

export async function runChecks(prefix, checks) {
  for (const [name, body] of Object.entries(checks)) {
    try {
      await body();
      console.log(`ok ${prefix} ${name}`);
    } catch (error) {
      process.exitCode = 1;
      const line = /check_\w+\.mjs:(\d+)/.exec(error.stack ?? "")?.[1] ?? "";
      console.log(
        `not ok ${prefix} ${name}: line ${line}: ${error.code ?? ""} ${
          String(error.message).replace(/\s+/g, " ").slice(0, 400)
        }`,
      );
    }
  }
}
