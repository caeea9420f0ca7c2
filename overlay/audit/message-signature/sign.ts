import { signatureBase, type Covered } from './base.ts'
import type { Component } from './component.ts'
import { valueOf, type MessageHead } from './message.ts'

/** A signature as it goes over the wire, RFC 9421 section 4. */
export interface Signature {
  /** The components with their parameters. */
  readonly input: string
  readonly bytes: Uint8Array
}

/**
 * Signs those of `components` that the message has; `parameters` stand behind the list as they are, such as
 * `;created=1618884473`. Undefined where a value cannot be signed.
 */
export function signMessage(
  message: MessageHead,
  components: readonly Component[],
  parameters: string,
  sign: (base: Uint8Array) => Uint8Array
): Signature | undefined {
  const covered = components.flatMap((component): Covered[] => {
    const value = valueOf(component, message)

    return value == null ? [] : [[component, value]]
  })
  const input = `(${covered.map(([{ text }]) => text).join(' ')})${parameters}`
  const base = signatureBase(covered, input)

  return base == null ? undefined : { input, bytes: sign(Buffer.from(base, 'latin1')) }
}

/** Signature-Input and Signature, names and values in turn. */
export function signatureFields(label: string, { input, bytes }: Signature): string[] {
  return [
    'Signature-Input',
    `${label}=${input}`,
    'Signature',
    `${label}=:${Buffer.from(bytes).toString('base64')}:`
  ]
}
