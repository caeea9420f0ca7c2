import { X509Certificate } from 'node:crypto'
import { fromString } from 'uint8arrays'
import { keyHashOf } from '../address.ts'
import type { NodeUuid } from '../uuid.ts'
import type { Names } from './canonical-names.ts'
import { GENERAL_NAME } from './certificate-names.ts'
import type { Node } from './der.ts'
import * as der from './der.ts'
import { ipToBytes } from './ip.ts'
import { OID } from './oids.ts'

export interface CertificateFields {
  /** At least one byte of chance, 20 at most (RFC 5280 section 4.1.2.2). */
  readonly serial: Uint8Array
  readonly issuer: Node
  readonly subject: Node
  /** Milliseconds since 1970; whole seconds are kept. */
  readonly notBefore: number
  readonly notAfter: number
  /** SubjectPublicKeyInfo in DER, of any kind of key. */
  readonly spki: Uint8Array
  readonly extensions: Node[]
}

/** A certificate in DER, RFC 5280 section 4.1, whose bytes `sign` signs with RSA and SHA-256. */
export function buildCertificate(
  fields: CertificateFields,
  sign: (message: Uint8Array) => Uint8Array
): Uint8Array {
  const algorithm = der.sequence(der.oid(OID.sha256WithRsaEncryption), der.nothing())
  const tbs = der.sequence(
    der.tagged(0, der.integer(2)),
    der.integer(positive(fields.serial)),
    algorithm,
    fields.issuer,
    der.sequence(der.time(fields.notBefore), der.time(fields.notAfter)),
    fields.subject,
    der.parseDer(fields.spki),
    der.tagged(3, der.sequence(...fields.extensions))
  )

  return der.encodeDer(der.sequence(tbs, algorithm, der.bits(sign(der.encodeDer(tbs)))))
}

/** The PEM form of a DER certificate, with a newline at its end. */
export function certificatePem(certificate: Uint8Array): string {
  return new X509Certificate(certificate).toString()
}

/** CN = the UUID, and a unit that tells the certificates of one node apart. */
export function nodeName(uuid: NodeUuid, unit?: string): Node {
  const attributes = [attribute(OID.commonName, uuid)]
  if (unit != null) attributes.unshift(attribute(OID.organizationalUnit, unit))

  return der.sequence(...attributes)
}

export function basicConstraints(authority: boolean): Node {
  // An authority signs for its own node only: no further authority may stand below it.
  const value = authority ? der.sequence(der.boolean(true), der.integer(0)) : der.sequence()

  return extension(OID.basicConstraints, true, value)
}

/** `flags` is the first byte of the bit string, RFC 5280 section 4.2.1.3. */
export function keyUsage(flags: number): Node {
  const unused = Math.clz32(flags & -flags) ^ 31

  return extension(OID.keyUsage, true, der.bits(Uint8Array.of(flags), unused))
}

export const KEY_USAGE = { digitalSignature: 0x80, keyCertSign: 0x04, crlSign: 0x02 } as const

export function extKeyUsage(...purposes: string[]): Node {
  return extension(OID.extKeyUsage, false, der.sequence(...purposes.map(der.oid)))
}

export function subjectAltName(uuid: NodeUuid, names: Partial<Names> = {}): Node {
  const { ips = [], hosts = [] } = names
  const alternatives = [
    der.taggedContent(GENERAL_NAME.uri, fromString(`urn:uuid:${uuid}`)),
    ...ips.map(ip => der.taggedContent(GENERAL_NAME.ip, ipToBytes(ip))),
    ...hosts.map(host => der.taggedContent(GENERAL_NAME.host, fromString(host)))
  ]

  return extension(OID.subjectAltName, false, der.sequence(...alternatives))
}

export function subjectKeyIdentifier(spki: Uint8Array): Node {
  return extension(OID.subjectKeyIdentifier, false, der.octets(keyIdentifier(spki)))
}

export function authorityKeyIdentifier(spki: Uint8Array): Node {
  const value = der.sequence(der.taggedContent(0, keyIdentifier(spki)))

  return extension(OID.authorityKeyIdentifier, false, value)
}

/** RFC 7093 section 2, method 4 with the length of method 1. */
function keyIdentifier(spki: Uint8Array): Uint8Array {
  return keyHashOf(spki).subarray(0, 20)
}

function attribute(type: string, value: string): Node {
  return der.set(der.sequence(der.oid(type), der.utf8(value)))
}

function extension(type: string, critical: boolean, value: Node): Node {
  const content = der.octets(der.encodeDer(value))

  return critical
    ? der.sequence(der.oid(type), der.boolean(true), content)
    : der.sequence(der.oid(type), content)
}

/** Neither negative nor with a leading zero, whatever chance gave. */
function positive(serial: Uint8Array): Uint8Array {
  const [first = 0, ...rest] = serial

  return Uint8Array.of((first & 0x7f) | 0x40, ...rest)
}
