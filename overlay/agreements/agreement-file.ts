import { formatAddress, parseFullAddress } from '../../identity/index.ts'
import type { Agreement, AgreementState, CheckVerdict } from './agreement.ts'
import { MAX_AGREEMENTS, MAX_DROPPED, MAX_URIS, MAX_URI_LENGTH } from './bounds.ts'

const STATES: readonly AgreementState[] = ['offered', 'checking', 'listed', 'dropped']

/** Agreements as they are kept across restarts. */
export function encodeAgreements(agreements: Iterable<Agreement>): string {
  const list = [...agreements].map(({ node, ...rest }) => ({
    ...rest,
    ...(node && { node: formatAddress(node) })
  }))

  return `${JSON.stringify(list, undefined, 1)}\n`
}

/**
 * What was encoded.
 *
 * @throws {SyntaxError | TypeError} where the text is no such list
 */
export function decodeAgreements(text: string): Agreement[] {
  const list: unknown = JSON.parse(text)

  if (!Array.isArray(list) || list.length > MAX_AGREEMENTS + MAX_DROPPED) {
    throw new TypeError('it is no list of agreements')
  }

  return list.map(readAgreement)
}

function readAgreement(value: unknown): Agreement {
  const fields = fieldsOf(value)
  const { node, trust } = fields

  if (trust !== 0 && trust !== 1 && trust !== 2 && trust !== 3) throw missing('trust')

  return {
    id: textOf(fields, 'id'),
    node: typeof node === 'string' ? parseFullAddress(node) : undefined,
    uris: urisOf(fields),
    prefix: textOf(fields, 'prefix'),
    trust,
    state: stateOf(fields),
    since: numberOf(fields, 'since'),
    expires: numberOf(fields, 'expires'),
    seq: numberOf(fields, 'seq'),
    bytes: numberOf(fields, 'bytes'),
    quota: numberOf(fields, 'quota'),
    served: numberOf(fields, 'served'),
    isConfigured: fields['isConfigured'] === true ? true : undefined,
    reason: optionalText(fields, 'reason'),
    incident: optionalText(fields, 'incident'),
    root: optionalText(fields, 'root'),
    lastCheck: fields['lastCheck'] == null ? undefined : readCheck(fields['lastCheck'])
  }
}

function readCheck(value: unknown): CheckVerdict {
  const fields = fieldsOf(value)

  return {
    at: numberOf(fields, 'at'),
    isGood: fields['isGood'] === true,
    ranges: numberOf(fields, 'ranges'),
    reason: optionalText(fields, 'reason')
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return { ...(typeof value === 'object' ? value : {}) }
}

function stateOf(fields: Record<string, unknown>): AgreementState {
  const state = STATES.find(each => each === fields['state'])

  if (state == null) throw missing('state')

  return state
}

function urisOf({ uris }: Record<string, unknown>): string[] {
  if (!Array.isArray(uris) || uris.length > MAX_URIS) throw missing('uris')

  return uris.map((uri: unknown) => {
    if (typeof uri !== 'string' || uri.length > MAX_URI_LENGTH) throw missing('uris')

    return uri
  })
}

function textOf(fields: Record<string, unknown>, name: string): string {
  const value = fields[name]

  if (typeof value !== 'string') throw missing(name)

  return value
}

function optionalText(fields: Record<string, unknown>, name: string): string | undefined {
  return fields[name] == null ? undefined : textOf(fields, name)
}

function numberOf(fields: Record<string, unknown>, name: string): number {
  const value = fields[name]

  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw missing(name)

  return value
}

function missing(name: string): TypeError {
  return new TypeError(`an agreement in it has no "${name}"`)
}
