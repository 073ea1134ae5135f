/**
 * Which addresses a datasource may be at. A project's administrator writes datasources, and the server asks them from inside of the
 * network: without a limit he could read what only the machine itself may, such as a cloud's metadata service.
 *
 * The name is resolved here, every address that it has is checked, and a plain connection goes to one of those addresses, so a name
 * that changes between the two (DNS rebinding) gains nothing. TLS is connected by name: there the certificate, which must be the
 * name's, is what keeps an answer of another address out.
 */
import { lookup } from "node:dns/promises";
import { type Cidr, isInside, normalizeAddress } from "../addresses/addresses.ts";
import { AppError } from "../errors/app_error.ts";

export interface DatasourceAddresses {
  readonly denied: readonly Cidr[];
  /** Empty = every address that is not denied. */
  readonly allowed: readonly Cidr[];
  /** The addresses of a name, as the system would connect to it. */
  readonly resolve: (hostname: string) => Promise<readonly string[]>;
}

/** As the operating system resolves names: `/etc/hosts`, then DNS. Rejects when there is no such name. */
export async function resolveBySystem(hostname: string): Promise<readonly string[]> {
  return (await lookup(hostname, { all: true })).map(({ address }) => address);
}

/**
 * The addresses of a datasource's host, all of which may be asked. Throws `forbidden` when one of them may not, `upstream_failed`
 * when the name has none.
 */
export async function checkedAddresses(url: URL, rules: DatasourceAddresses): Promise<readonly string[]> {
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const literal = normalizeAddress(hostname);
  const addresses = literal === null ? await resolved(hostname, rules) : [literal];
  for (const address of addresses) {
    const wrong = refusal(address, rules);
    if (wrong === null) continue;
    const named = literal === null ? `${hostname} (${address})` : address;
    throw new AppError("forbidden", `the datasource's address ${named} must not be asked: ${wrong}`, {
      hint: "Whoever runs the server decides it: datasource_denied_addresses, datasource_allowed_addresses.",
    });
  }
  return addresses;
}

async function resolved(hostname: string, { resolve }: DatasourceAddresses): Promise<readonly string[]> {
  let addresses: readonly string[] = [];
  let reason = "the name has no address";
  try {
    addresses = await resolve(hostname);
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  if (addresses.length > 0) return addresses;
  throw new AppError("upstream_failed", `no answer from the datasource at ${hostname}: ${reason}`);
}

function refusal(address: string, { denied, allowed }: DatasourceAddresses): string | null {
  const range = denied.find((one) => isInside(address, [one]));
  if (range !== undefined) return `it is in ${range.text}, which is denied`;
  if (allowed.length === 0 || isInside(address, allowed)) return null;
  return `it is in none of the allowed ranges`;
}
