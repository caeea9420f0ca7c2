import type { KeyObject } from 'node:crypto'
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { equals } from 'uint8arrays'
import type { TlsMaterial } from '../identity.ts'
import type { Names } from '../x509/canonical-names.ts'
import { canonicalNames } from '../x509/canonical-names.ts'
import { readCertificateNames } from '../x509/certificate-names.ts'
import { certificatePem } from '../x509/certificate.ts'
import { ipFromBytes } from '../x509/ip.ts'

/** Private key and chain as one PEM text, so that no crash can part them. */
export function formatTls(key: KeyObject, leafPem: string, authority: Uint8Array): string {
  return (
    key.export({ type: 'pkcs8', format: 'pem' }).toString() + leafPem + certificatePem(authority)
  )
}

/** The material in such a text, checked against the authority certificate (DER). Throws a plain Error that says what is wrong. */
export function readTls(text: string, authority: Uint8Array): TlsMaterial {
  const key = PRIVATE_KEY.exec(text)?.[0]
  const [leafPem, authorityPem] = text.match(CERTIFICATE) ?? []
  if (key == null || leafPem == null || authorityPem == null) {
    throw new TypeError('it does not hold a private key and two certificates')
  }
  const [leaf, issuer] = parse(() => [
    new X509Certificate(leafPem),
    new X509Certificate(authorityPem)
  ])
  if (!equals(issuer.raw, authority) || !leaf.verify(issuer.publicKey)) {
    throw new TypeError('its certificate was not issued by the authority of this node')
  }
  if (!leaf.checkPrivateKey(parse(() => createPrivateKey(key)))) {
    throw new TypeError('its private key does not belong to its certificate')
  }
  const { hosts, ips } = readCertificateNames(leaf.raw)

  return {
    key: `${key}\n`,
    cert: `${leafPem}\n${authorityPem}\n`,
    notBefore: leaf.validFromDate.getTime(),
    notAfter: leaf.validToDate.getTime(),
    names: [...ips.map(ipFromBytes), ...hosts]
  }
}

/** Whether the material is within two thirds of its life and good for all the names. */
export function isTlsGood(material: TlsMaterial, now: number, names: Names): boolean {
  const { ips, hosts } = canonicalNames(names)
  const renewal = material.notBefore + (material.notAfter - material.notBefore) * RENEWAL
  const held = new Set(material.names)

  return (
    now >= material.notBefore && now < renewal && [...ips, ...hosts].every(name => held.has(name))
  )
}

/** The part of a certificate's life after which it is renewed, so that weeks remain for a node that is off. */
const RENEWAL = 2 / 3

const PRIVATE_KEY = /-----BEGIN PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END PRIVATE KEY-----/

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g

function parse<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new TypeError('its key or a certificate cannot be decoded', { cause })
  }
}
