import { parseDictionary, serializeInnerList, type InnerList } from 'structured-headers'
import { readComponent, type Component } from './component.ts'

/** A member of Signature-Input or Accept-Signature, RFC 9421 sections 4.1 and 5.1. */
export interface SignatureInput {
  readonly label: string
  readonly components: readonly Component[]
  readonly parameters: ReadonlyMap<string, unknown>
  /** The list with its parameters, as every serializer writes it. */
  readonly text: string
}

/** The longest field that is read, in characters. */
const MAX_FIELD = 4096

/** The members that name components which are read here; none where the field is malformed. */
export function readInputs(field: string): SignatureInput[] {
  const members: SignatureInput[] = []

  for (const [label, member] of dictionaryOf(field)) {
    if (Array.isArray(member[0])) {
      const input = readInput(label, [member[0], member[1]])

      if (input != null) members.push(input)
    }
  }

  return members
}

/** The bytes of a signature under its label (section 4.2). */
export function readSignature(field: string, label: string): Uint8Array | undefined {
  const value = dictionaryOf(field).get(label)?.[0]

  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined
}

/** The one member whose text this is, without a label. */
export function parseInput(text: string): SignatureInput | undefined {
  const [input, ...others] = readInputs(`s=${text}`)

  // Another spelling would be another text to sign.
  return others.length === 0 && input?.text === text ? input : undefined
}

function readInput(label: string, list: InnerList): SignatureInput | undefined {
  const components = list[0].map(readComponent)
  const known = components.filter(one => one != null)

  // A component twice is an error (section 2.5).
  return known.length === components.length && isDistinct(known)
    ? { label, components: known, parameters: list[1], text: serializeInnerList(list) }
    : undefined
}

function isDistinct(components: readonly Component[]): boolean {
  return new Set(components.map(({ text }) => text)).size === components.length
}

function dictionaryOf(field: string): ReturnType<typeof parseDictionary> {
  try {
    return field.length > MAX_FIELD ? new Map() : parseDictionary(field)
  } catch {
    return new Map()
  }
}
