import { CID } from 'multiformats/cid'
import type { Problem } from '../pages/problem.ts'
import { badCid, badParameter, formatMissing, formatUnknown, notRawPath } from './problems.ts'

/** Which part of the tree below a path goes into a CAR. */
export type DagScope = 'block' | 'entity' | 'all'

/** First and last byte of a file; negative ones count from its end, an absent last one is its end. */
export interface EntityBytes {
  readonly from: number
  readonly to: number | undefined
}

export interface CarRequest {
  readonly format: 'car'
  readonly cid: CID
  /** Names below the CID. */
  readonly names: readonly string[]
  readonly scope: DagScope
  readonly bytes: EntityBytes | undefined
  /** A block is sent as often as it occurs. */
  readonly dups: boolean
}

export interface RawRequest {
  readonly format: 'raw'
  readonly cid: CID
}

export type TrustlessRequest = RawRequest | CarRequest

type Read<T> = T | { readonly problem: Problem }

// A tree deeper than this was not made by people.
const MAX_NAMES = 128

const RAW = 'application/vnd.ipld.raw'
const CAR = 'application/vnd.ipld.car'
const TARGET = /^\/ipfs\/([^/?]+)(\/[^?]*)?(?:\?(.*))?$/
const SCOPES: readonly string[] = ['block', 'entity', 'all'] satisfies DagScope[]
const ENTITY_BYTES = /^(-?\d{1,15}):(-?\d{1,15}|\*)$/

/** Whether a target is one of the trustless gateway: `/ipfs/` and a CID. */
export function isTrustless(target: string): boolean {
  const [, text = ''] = TARGET.exec(target) ?? []

  return text !== '' && readCid(text) !== undefined
}

/** What is asked of a trustless gateway (specs.ipfs.tech/http-gateways/trustless-gateway), or why it cannot be answered. */
export function readTrustless(target: string, accept: string | undefined): Read<TrustlessRequest> {
  const [, text = '', path = '', search = ''] = TARGET.exec(target) ?? []
  const cid = readCid(text)
  const names = readNames(path)

  if (cid === undefined || names === undefined) {
    return { problem: badCid(text) }
  }

  const query = new URLSearchParams(search)
  const format = readFormat(query.get('format'), accept)

  if ('problem' in format) {
    return format
  }

  if (format.name === 'raw') {
    return names.length === 0 ? { format: 'raw', cid } : { problem: notRawPath() }
  }

  const options = readCarOptions(query, format.parameters)

  return 'problem' in options ? options : { format: 'car', cid, names, ...options }
}

function readCid(text: string): CID | undefined {
  try {
    return CID.parse(text)
  } catch {
    return undefined
  }
}

function readNames(path: string): string[] | undefined {
  try {
    const names = path
      .split('/')
      .filter(part => part !== '')
      .map(decodeURIComponent)

    return names.length <= MAX_NAMES ? names : undefined
  } catch {
    return undefined
  }
}

interface Format {
  readonly name: 'raw' | 'car'
  /** Of the media type, lower case. */
  readonly parameters: ReadonlyMap<string, string>
}

/** The `format` of the query decides before Accept. */
function readFormat(format: string | null, accept: string | undefined): Read<Format> {
  const ranges = readAccept(accept)

  if (format !== null) {
    return format === 'raw' || format === 'car'
      ? { name: format, parameters: ranges.find(({ type }) => type === CAR)?.parameters ?? NONE }
      : { problem: formatUnknown() }
  }

  if (ranges.length === 0) {
    return { problem: formatMissing() }
  }

  const chosen = ranges.find(({ type }) => type === RAW || type === CAR)

  return chosen === undefined
    ? { problem: formatUnknown() }
    : { name: chosen.type === RAW ? 'raw' : 'car', parameters: chosen.parameters }
}

const NONE: ReadonlyMap<string, string> = new Map<string, string>()

/** Media ranges by falling weight; those of weight 0 are left out (RFC 9110 section 12.5.1). */
function readAccept(
  accept = ''
): { type: string; parameters: ReadonlyMap<string, string>; weight: number }[] {
  return accept
    .toLowerCase()
    .split(',')
    .flatMap(member => {
      const [type = '', ...rest] = member.split(';').map(part => part.trim())
      const parameters = new Map(rest.map(readParameter))
      const weight = Number(parameters.get('q') ?? 1)

      return type !== '' && weight > 0 ? [{ type, parameters, weight }] : []
    })
    .toSorted((one, other) => other.weight - one.weight)
}

function readParameter(text: string): [string, string] {
  const [name = '', value = ''] = text.split('=', 2)

  return [name.trim(), value.trim().replaceAll('"', '')]
}

/** Parameters of the query decide before those of the media type. */
function readCarOptions(
  query: URLSearchParams,
  parameters: ReadonlyMap<string, string>
): Read<Pick<CarRequest, 'scope' | 'bytes' | 'dups'>> {
  const option = (name: string): string | undefined =>
    query.get(`car-${name}`) ?? parameters.get(name)
  const scope = query.get('dag-scope') ?? (query.has('entity-bytes') ? 'entity' : 'all')
  const bytes = readEntityBytes(query.get('entity-bytes'))
  const faults = [
    ['version', option('version') ?? '1', /^1$/],
    ['order', option('order') ?? 'dfs', /^(?:dfs|unk)$/],
    ['dups', option('dups') ?? 'n', /^[yn]$/]
  ] as const
  const fault = faults.find(([, value, allowed]) => !allowed.test(value))

  if (fault !== undefined) {
    return { problem: badParameter(fault[0]) }
  }

  if (!isScope(scope)) {
    return { problem: badParameter('dag-scope') }
  }

  return bytes === 'bad'
    ? { problem: badParameter('entity-bytes') }
    : { scope: bytes === undefined ? scope : 'entity', bytes, dups: option('dups') === 'y' }
}

function isScope(text: string): text is DagScope {
  return SCOPES.includes(text)
}

function readEntityBytes(text: string | null): EntityBytes | 'bad' | undefined {
  if (text === null) {
    return undefined
  }

  const [, from, to] = ENTITY_BYTES.exec(text) ?? []

  return from === undefined
    ? 'bad'
    : { from: Number(from), to: to === '*' ? undefined : Number(to) }
}
