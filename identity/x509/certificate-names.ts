import { toString } from 'uint8arrays'
import type { Node } from './der.ts'
import { childrenOf, contentOf, encodeDer, hasTag, oidOf, parseDer } from './der.ts'
import { OID } from './oids.ts'

/** Whom a certificate names. */
export interface CertificateNames {
  /** Whether issuer and subject are the same name. */
  readonly selfIssued: boolean
  readonly commonNames: string[]
  readonly uris: string[]
  readonly hosts: string[]
  /** In network order, 4 or 16 bytes. */
  readonly ips: Uint8Array[]
}

/** GeneralName tags, RFC 5280 section 4.2.1.6. */
export const GENERAL_NAME = { host: 2, uri: 6, ip: 7 } as const

/**
 * The names in a DER certificate, read from the structure: text forms of a subject can be forged with separators in a value.
 * Throws a plain Error where the structure is not that of RFC 5280 section 4.1, version 3.
 */
export function readCertificateNames(der: Uint8Array): CertificateNames {
  const [tbs] = childrenOf(parseDer(der))
  const [, , , issuer, , subject, , ...rest] = childrenOf(tbs)
  if (issuer == null || subject == null) throw new TypeError('issuer or subject is missing')
  const alternatives = readAlternatives(rest)

  return {
    selfIssued: toString(encodeDer(issuer)) === toString(encodeDer(subject)),
    commonNames: readCommonNames(subject),
    uris: pick(alternatives, GENERAL_NAME.uri).map(content => toString(content, 'latin1')),
    hosts: pick(alternatives, GENERAL_NAME.host).map(content => toString(content, 'latin1')),
    ips: pick(alternatives, GENERAL_NAME.ip)
  }
}

function readCommonNames(subject: Node): string[] {
  return childrenOf(subject)
    .flatMap(childrenOf)
    .map(childrenOf)
    .filter(([type]) => oidOf(type) === OID.commonName)
    .map(([, value]) => toString(contentOf(value), 'utf8'))
}

function readAlternatives(tail: Node[]): Node[] {
  const extensions = tail.find(node => hasTag(node, 3))
  if (extensions == null) return []

  return childrenOf(childrenOf(extensions)[0])
    .map(childrenOf)
    .filter(([type]) => oidOf(type) === OID.subjectAltName)
    .flatMap(parts => childrenOf(parseDer(contentOf(parts.at(-1)))))
}

function pick(alternatives: Node[], tag: number): Uint8Array[] {
  return alternatives.filter(node => hasTag(node, tag)).map(contentOf)
}
