/**
 * IP addresses and CIDR ranges, IPv4 and IPv6. An IPv4 address that comes as IPv6 (`::ffff:192.0.2.1`, as a socket on all
 * addresses shows it) is taken for the IPv4 one, in addresses and in ranges.
 */
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

export interface Cidr {
  /** As `normalizeCidr` writes it. */
  readonly text: string;
  readonly network: Address;
  readonly prefixBits: number;
}

export const cidrForm = "a range such as 192.0.2.0/24 or 2001:db8::/32, or a single address";

/** The usual form of an address (IPv6 shortened, IPv4-mapped as IPv4, no zone), or null when the text is none. */
export function normalizeAddress(text: string): string | null {
  return parse(text)?.toString() ?? null;
}

/** A range, or one address as a range of its own; null when the text is neither. Bits beyond the prefix are cleared. */
export function parseCidr(text: string): Cidr | null {
  const [addressText = "", prefixText, ...more] = text.trim().split("/");
  const plain = plainAddress(addressText);
  if (plain === null || more.length > 0) return null;
  const widthBits = bitsOf(plain);
  let prefixBits = widthBits;
  if (prefixText !== undefined) {
    if (!/^\d{1,3}$/.test(prefixText)) return null;
    prefixBits = Number(prefixText);
    if (prefixBits > widthBits) return null;
  }
  let network: Address = plain;
  if (isMapped(plain) && prefixBits >= 96) {
    network = (plain as ipaddr.IPv6).toIPv4Address();
    prefixBits -= 96;
  }
  const cleared = clearBits(network, prefixBits);
  return { text: `${cleared.toString()}/${prefixBits}`, network: cleared, prefixBits };
}

/** Whether the address is in one of the ranges. An address that is none is in no range. */
export function isInside(addressText: string, ranges: readonly Cidr[]): boolean {
  const address = parse(addressText);
  if (address === null) return false;
  return ranges.some(({ network, prefixBits }) =>
    network.kind() === address.kind() && matches(address, network, prefixBits)
  );
}

/**
 * Whose guesses are counted together: an IPv4 address, or the /64 of an IPv6 one, all of which belongs to one customer.
 */
export function throttleKey(addressText: string): string {
  const address = parse(addressText);
  if (address === null) return addressText;
  return address.kind() === "ipv4" ? address.toString() : `${clearBits(address, 64).toString()}/64`;
}

function parse(text: string): Address | null {
  const address = plainAddress(text);
  return address !== null && isMapped(address) ? (address as ipaddr.IPv6).toIPv4Address() : address;
}

/** Only four decimal parts are an IPv4 address here, not `127.1` or `0x7f000001`. */
function plainAddress(text: string): Address | null {
  const unbracketed = text.trim().replace(/^\[(.*)\]$/, "$1").replace(/%[\w.~-]+$/, "");
  if (ipaddr.IPv4.isValidFourPartDecimal(unbracketed)) return ipaddr.IPv4.parse(unbracketed);
  return ipaddr.IPv6.isValid(unbracketed) ? ipaddr.IPv6.parse(unbracketed) : null;
}

function isMapped(address: Address): boolean {
  return address.kind() === "ipv6" && (address as ipaddr.IPv6).isIPv4MappedAddress();
}

function bitsOf(address: Address): number {
  return address.kind() === "ipv4" ? 32 : 128;
}

function matches(address: Address, network: Address, prefixBits: number): boolean {
  return address.kind() === "ipv4"
    ? (address as ipaddr.IPv4).match(network as ipaddr.IPv4, prefixBits)
    : (address as ipaddr.IPv6).match(network as ipaddr.IPv6, prefixBits);
}

function clearBits(address: Address, prefixBits: number): Address {
  const bytes = address.toByteArray().map((byte, index) => {
    const kept = Math.min(8, Math.max(0, prefixBits - index * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return ipaddr.fromByteArray(bytes);
}
