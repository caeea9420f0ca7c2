import asn1 from 'node-forge/lib/asn1.js'
import type { asn1 as Forge } from 'node-forge'
import { concat, fromString, toString } from 'uint8arrays'

/** A value of ASN.1 with its tag, ITU-T X.690. */
export type Node = Forge.Asn1

/** The value that fills the whole of some DER bytes. Throws a plain Error on anything else. */
export function parseDer(der: Uint8Array): Node {
  return asn1.fromDer(toString(der, 'latin1'))
}

export function encodeDer(node: Node): Uint8Array {
  return fromString(asn1.toDer(node).getBytes(), 'latin1')
}

export function childrenOf(node: Node | undefined): Node[] {
  if (node == null || !Array.isArray(node.value))
    throw new TypeError('a constructed value is missing')

  return node.value
}

export function contentOf(node: Node | undefined): Uint8Array {
  if (node == null || typeof node.value !== 'string')
    throw new TypeError('a primitive value is missing')

  return fromString(node.value, 'latin1')
}

export function oidOf(node: Node | undefined): string {
  if (node?.type !== asn1.Type.OID) throw new TypeError('an object identifier is missing')

  return asn1.derToOid(toString(contentOf(node), 'latin1'))
}

/** Whether the value bears the context-specific tag of this number. */
export function hasTag(node: Node, tag: number): boolean {
  // The library's types list the universal numbers only.
  const type: number = node.type

  return node.tagClass === asn1.Class.CONTEXT_SPECIFIC && type === tag
}

export function sequence(...items: Node[]): Node {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, items)
}

export function set(...items: Node[]): Node {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SET, true, items)
}

/** `value` is a number that fits 32 bits, or the big-endian content bytes. */
export function integer(value: number | Uint8Array): Node {
  const content =
    typeof value === 'number' ? asn1.integerToDer(value).getBytes() : toString(value, 'latin1')

  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.INTEGER, false, content)
}

export function boolean(value: boolean): Node {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BOOLEAN, false, value ? '\xff' : '\0')
}

export function nothing(): Node {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.NULL, false, '')
}

export function oid(dotted: string): Node {
  const content = asn1.oidToDer(dotted).getBytes()

  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OID, false, content)
}

export function octets(content: Uint8Array): Node {
  return asn1.create(
    asn1.Class.UNIVERSAL,
    asn1.Type.OCTETSTRING,
    false,
    toString(content, 'latin1')
  )
}

/** A BIT STRING of whole bytes, less the `unused` lowest bits of the last. */
export function bits(content: Uint8Array, unused = 0): Node {
  const value = toString(concat([Uint8Array.of(unused), content]), 'latin1')

  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BITSTRING, false, value)
}

export function utf8(text: string): Node {
  return asn1.create(
    asn1.Class.UNIVERSAL,
    asn1.Type.UTF8,
    false,
    toString(fromString(text), 'latin1')
  )
}

/** An explicit context-specific tag around a value. */
export function tagged(tag: number, item: Node): Node {
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag, true, [item])
}

/** Content under an implicit context-specific tag. */
export function taggedContent(tag: number, content: Uint8Array): Node {
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag, false, toString(content, 'latin1'))
}

/** RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime after; whole seconds. */
export function time(milliseconds: number): Node {
  const date = new Date(milliseconds)

  return date.getUTCFullYear() < 2050
    ? asn1.create(asn1.Class.UNIVERSAL, asn1.Type.UTCTIME, false, asn1.dateToUtcTime(date))
    : asn1.create(
        asn1.Class.UNIVERSAL,
        asn1.Type.GENERALIZEDTIME,
        false,
        asn1.dateToGeneralizedTime(date)
      )
}
