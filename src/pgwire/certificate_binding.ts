/**
 * The channel binding data `tls-server-end-point` (RFC 5929 section 4.1): the hash of the server certificate's DER with
 * the hash algorithm of the certificate's own signature, SHA-256 where that is MD5 or SHA-1. A signature algorithm
 * without a single hash (Ed25519) has no binding, and -PLUS is then not offered.
 *
 * Only as much DER is read as RFC 5280 section 4.1 needs: Certificate ::= SEQUENCE { tbsCertificate,
 * signatureAlgorithm SEQUENCE { OBJECT IDENTIFIER, parameters }, signature }.
 */
import { createHash } from "node:crypto";

const sequenceTag = 0x30;
const objectIdentifierTag = 0x06;
/** The context-specific tag [0] of RSASSA-PSS-params' hashAlgorithm (RFC 4055 section 3.1). */
const pssHashTag = 0xa0;
const rsaPss = "1.2.840.113549.1.1.10";

/** Object identifiers of signature and digest algorithms to Node's digest names. */
const digestByObjectIdentifier: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.4": "sha256", // md5WithRSAEncryption, replaced as RFC 5929 says
  "1.2.840.113549.1.1.5": "sha256", // sha1WithRSAEncryption, replaced
  "1.2.840.10045.4.1": "sha256", // ecdsa-with-SHA1, replaced
  "1.3.14.3.2.26": "sha256", // sha1 (as a PSS parameter), replaced
  "1.2.840.113549.1.1.14": "sha224",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.1": "sha224",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

/** The binding data of a certificate in DER, or null when its signature algorithm names no usable hash. */
export function endpointBinding(certificateDer: Uint8Array): Uint8Array | null {
  const digest = signatureDigest(certificateDer);
  return digest === null ? null : createHash(digest).update(certificateDer).digest();
}

function signatureDigest(der: Uint8Array): string | null {
  const certificate = readElement(der, 0);
  const toBeSigned = readElement(der, expectTag(certificate, sequenceTag).start);
  const algorithm = expectTag(readElement(der, toBeSigned.end), sequenceTag);
  const identifier = expectTag(readElement(der, algorithm.start), objectIdentifierTag);
  const name = objectIdentifierText(der.subarray(identifier.start, identifier.end));
  if (name !== rsaPss) return digestByObjectIdentifier[name] ?? null;

  const parameters = expectTag(readElement(der, identifier.end), sequenceTag);
  if (parameters.start === parameters.end) return "sha256"; // the default is SHA-1, replaced
  const hash = readElement(der, parameters.start);
  if (hash.tag !== pssHashTag) return "sha256";
  const hashAlgorithm = expectTag(readElement(der, hash.start), sequenceTag);
  const hashIdentifier = expectTag(readElement(der, hashAlgorithm.start), objectIdentifierTag);
  return digestByObjectIdentifier[objectIdentifierText(der.subarray(hashIdentifier.start, hashIdentifier.end))] ?? null;
}

interface Element {
  readonly tag: number;
  /** Offsets of the contents. */
  readonly start: number;
  readonly end: number;
}

/** One tag-length-value at `offset`; short tags and definite lengths only, which is all that DER certificates use. */
function readElement(der: Uint8Array, offset: number): Element {
  const tag = der[offset];
  const first = der[offset + 1];
  if (tag === undefined || first === undefined) throw new Error("certificate DER ends early");
  let start = offset + 2;
  let length = first;
  if (first >= 0x80) {
    const byteCount = first & 0x7f;
    if (byteCount === 0 || byteCount > 4) throw new Error("certificate DER has an unusable length");
    length = 0;
    for (let i = 0; i < byteCount; i += 1) length = length * 256 + (der[start + i] ?? 0);
    start += byteCount;
  }
  if (start + length > der.length) throw new Error("certificate DER ends early");
  return { tag, start, end: start + length };
}

function expectTag(element: Element, tag: number): Element {
  if (element.tag !== tag) throw new Error(`certificate DER: tag ${element.tag}, expected ${tag}`);
  return element;
}

/** X.690 section 8.19. */
function objectIdentifierText(contents: Uint8Array): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of contents) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(value);
      value = 0;
    }
  }
  const [head = 0, ...rest] = arcs;
  const root = Math.min(2, Math.floor(head / 40));
  return [root, head - root * 40, ...rest].join(".");
}
