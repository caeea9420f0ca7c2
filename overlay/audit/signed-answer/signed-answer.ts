import { createPublicKey, verify } from 'node:crypto'
import { ed25519Spki, parseFullAddress, type FullAddress } from '../../../identity/index.ts'
import { signatureBase } from '../message-signature/base.ts'
import { valueOf, type MessageHead } from '../message-signature/message.ts'
import { parseInput, readInputs, readSignature } from '../message-signature/signature-input.ts'
import { ANSWER_TAG, coversEnough } from './terms.ts'

/** What a node signed of one of its answers: enough to check it without the answer. */
export interface SignedAnswer {
  /** The components with their parameters, RFC 9421 section 4.1. */
  readonly input: string
  /** One for each component. */
  readonly values: readonly string[]
  readonly signature: Uint8Array
}

/** What such a signature says; whether it is one is for `isSignedBy` to tell. */
export interface AnswerStatement {
  readonly signer: FullAddress
  /** By the signer's clock, ms since the epoch. */
  readonly created: number
  readonly method: string
  /** Path and query of the request. */
  readonly target: string
  readonly status: number
  /** Fields that are covered, by name in lower case. */
  readonly fields: ReadonlyMap<string, string>
  isSignedBy(publicKey: Uint8Array): boolean
}

/** The longest list, and the longest value, that is read, in characters: ours have some hundred. */
const MAX_TEXT = 1024

const SIGNATURE_BYTES = 64

/** The signature of an answer as it came, undefined where it has none that is about all it should be. */
export function receivedAnswer(message: MessageHead): SignedAnswer | undefined {
  const fields = message.answer?.fields ?? {}
  const [inputs, signatures] = [fields['signature-input'], fields['signature']]

  if (typeof inputs !== 'string' || typeof signatures !== 'string') return undefined

  for (const { label, components, parameters, text } of readInputs(inputs)) {
    const signature = readSignature(signatures, label)
    const values = components.map(one => valueOf(one, message))
    const known = values.filter(value => value != null)

    if (
      parameters.get('tag') === ANSWER_TAG &&
      signature?.length === SIGNATURE_BYTES &&
      known.length === values.length
    ) {
      return { input: text, values: known, signature }
    }
  }

  return undefined
}

/** What a signature says, undefined where it is none of an answer of ours. */
export function readAnswer({
  input,
  values,
  signature
}: SignedAnswer): AnswerStatement | undefined {
  if (input.length > MAX_TEXT || values.some(({ length }) => length > MAX_TEXT)) return undefined

  const read = parseInput(input)

  if (read == null || read.components.length !== values.length || !coversEnough(read.components)) {
    return undefined
  }

  const { components, parameters } = read
  const named = new Map(components.map(({ text }, index) => [text, values[index] ?? '']))
  const base = signatureBase(
    components.map((one, index) => [one, values[index] ?? '']),
    input
  )
  const signer = readSigner(parameters.get('keyid'))
  const created = parameters.get('created')
  const status = Number(named.get('"@status"'))

  if (
    base == null ||
    signer == null ||
    typeof created !== 'number' ||
    !Number.isSafeInteger(created * 1000) ||
    created < 0 ||
    parameters.get('alg') !== 'ed25519' ||
    parameters.get('tag') !== ANSWER_TAG ||
    !Number.isInteger(status)
  ) {
    return undefined
  }

  return {
    signer,
    created: created * 1000,
    method: named.get('"@method";req') ?? '',
    target: targetOf(named.get('"@path";req') ?? '', named.get('"@query";req') ?? ''),
    status,
    fields: new Map(
      components.flatMap(({ name, ofRequest }, index) =>
        ofRequest || name.startsWith('@') ? [] : [[name, values[index] ?? '']]
      )
    ),
    isSignedBy: publicKey => isSigned(base, signature, publicKey)
  }
}

/** An absent query and an empty one are the same here (RFC 9421 section 2.2.7). */
function targetOf(path: string, query: string): string {
  return query === '?' ? path : path + query
}

function readSigner(keyid: unknown): FullAddress | undefined {
  try {
    return typeof keyid === 'string' ? parseFullAddress(keyid) : undefined
  } catch {
    return undefined
  }
}

function isSigned(base: string, signature: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    const key = createPublicKey({
      key: Buffer.from(ed25519Spki(publicKey)),
      format: 'der',
      type: 'spki'
    })

    return verify(null, Buffer.from(base, 'latin1'), key, signature)
  } catch {
    return false
  }
}
