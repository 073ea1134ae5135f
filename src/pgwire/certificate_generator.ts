/**
 * Makes a key pair and a self-signed certificate for a TLS server: X.509 version 3, ECDSA P-256 with SHA-256.
 *
 * The library that writes it is loaded at the first call, because most starts find a certificate and need none of it.
 * `basicConstraints` says CA:FALSE: the certificate is a server's own, which a client may also name as its trusted root
 * (`sslrootcert`).
 */
import { isIP, isIPv6 } from "node:net";

export interface SelfSignedCertificate {
  readonly certificatePem: string;
  /** PKCS#8. */
  readonly privateKeyPem: string;
}

export interface SelfSignedCertificateOptions {
  readonly commonName: string;
  /** DNS names and IP addresses that the certificate is good for. */
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Draws a key pair and a serial number, and signs a certificate with them. */
export async function generateSelfSignedCertificate(
  options: SelfSignedCertificateOptions,
): Promise<SelfSignedCertificate> {
  await import("reflect-metadata"); // the library's dependency injection expects it to be there already
  const x509 = await import("@peculiar/x509");
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [options.commonName] }],
    notBefore: options.notBefore,
    notAfter: options.notAfter,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(options.names.map(generalName)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const privateKey = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificatePem: `${certificate.toString("pem")}\n`,
    privateKeyPem: `${x509.PemConverter.encode(privateKey, x509.PemConverter.PrivateKeyTag)}\n`,
  };
}

function generalName(name: string): { type: "ip" | "dns"; value: string } {
  if (isIP(name) === 0) return { type: "dns", value: name };
  return { type: "ip", value: isIPv6(name) ? canonicalIpv6(name) : name };
}

/** Without a zone, and with an embedded IPv4 address in hexadecimal. */
function canonicalIpv6(address: string): string {
  return new URL(`http://[${address.split("%")[0] ?? ""}]/`).hostname.slice(1, -1);
}
