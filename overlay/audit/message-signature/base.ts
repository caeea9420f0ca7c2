import type { Component } from './component.ts'

/** A component with its value. */
export type Covered = readonly [component: Component, value: string]

/**
 * The text that is signed, RFC 9421 section 2.5; `input` is the list of components with its parameters, as it stands in
 * Signature-Input. Undefined where a value could pass for further lines.
 */
export function signatureBase(covered: readonly Covered[], input: string): string | undefined {
  if (covered.some(([, value]) => !isOneLine(value))) return undefined

  return [
    ...covered.map(([{ text }, value]) => `${text}: ${value}`),
    `"@signature-params": ${input}`
  ].join('\n')
}

/** Of visible ASCII, spaces and tabs, which is all that fields of ours have. */
function isOneLine(value: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(value)
}
