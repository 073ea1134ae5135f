/**
 * A certificate with its private key, read from PEM text and checked: both parse, they belong together, and what TLS
 * and SCRAM need from them is made once. `tls.createSecureContext` alone does not notice a broken pair until the first
 * handshake.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { endpointBinding } from "./certificate_binding.ts";

export interface CertificatePair {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly secureContext: SecureContext;
  /** `tls-server-end-point` data for SCRAM-SHA-256-PLUS; null when the signature algorithm has none. */
  readonly channelBinding: Uint8Array | null;
  readonly validToMs: number;
  readonly subject: string;
}

/** The first certificate of `certificatePem` is the server's, the following ones its chain. Throws when unusable. */
export function parseCertificatePair(certificatePem: string, privateKeyPem: string): CertificatePair {
  const certificate = new X509Certificate(certificatePem);
  if (!certificate.checkPrivateKey(createPrivateKey(privateKeyPem))) {
    throw new Error("the private key does not belong to the certificate");
  }
  return {
    certificatePem,
    privateKeyPem,
    secureContext: createSecureContext({ cert: certificatePem, key: privateKeyPem, minVersion: "TLSv1.2" }),
    channelBinding: endpointBinding(certificate.raw),
    validToMs: Date.parse(certificate.validTo),
    subject: certificate.subject,
  };
}
