import type { Fields } from '../cache/fields.ts'
import type { AddressForm } from '../hosts/decision.ts'
import { addVia } from './via.ts'

// RFC 9110 section 7.6.1; Host, Via and Expect are made anew on each connection.
const NOT_FORWARDED = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'via',
  'expect'
])

// In the path form all sites share the gateway's origin, so a browser would show each of them the secrets of the others.
const SECRETS = new Set(['cookie', 'authorization'])

// Fields by which another node would rule over the gateway's own name: its transport, its other ports, its storage.
const RULES_OVER_NAME = new Set(['strict-transport-security', 'alt-svc', 'public-key-pins'])
const RULES_OVER_ORIGIN = new Set(['set-cookie', 'clear-site-data', 'service-worker-allowed'])

const PRODUCT = '[Plexnet]'

export interface RequestParts {
  readonly rawHeaders: readonly string[]
  readonly connection: string | undefined
  readonly via: string | undefined
  readonly version: string
}

/** The header fields with which a request goes on to another node, names and values in turn. */
export function requestFields(
  { rawHeaders, connection, via, version }: RequestParts,
  form: AddressForm,
  pseudonym: string
): string[] {
  const named = namedBy(connection)
  const fields: string[] = []

  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    const key = name.toLowerCase()

    if (
      !NOT_FORWARDED.has(key) &&
      !(form === 'path' && SECRETS.has(key)) &&
      named?.includes(key) !== true
    ) {
      fields.push(name, rawHeaders[index + 1] ?? '')
    }
  }

  fields.push('Via', addVia(via, version, pseudonym))

  return fields
}

export interface AnswerPlace {
  readonly form: AddressForm
  /** The first segment in the path form, with its slash. */
  readonly prefix: string
  readonly pseudonym: string
  /** For answers that name no server of this network. */
  readonly server: string
}

/** The fields of another node's answer, as they are passed on here; names and values in turn. */
export function answerFields(fields: Fields, place: AnswerPlace): string[] {
  const isPath = place.form === 'path'
  const placed: string[] = []
  let via: string | undefined
  let hasServer = false

  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? ''
    const value = fields[index + 1] ?? ''

    if (name === 'via') {
      via = via === undefined ? value : `${via}, ${value}`
    } else if (!RULES_OVER_NAME.has(name) && !(isPath && RULES_OVER_ORIGIN.has(name))) {
      hasServer ||= name === 'server'
      placed.push(name, passed(name, value, isPath, place))
    }
  }

  if (!hasServer) {
    placed.push('server', place.server)
  }

  placed.push('via', addVia(via, '1.1', place.pseudonym))

  return placed
}

function passed(key: string, value: string, isPath: boolean, place: AnswerPlace): string {
  if (key === 'server') {
    return value.includes(PRODUCT) ? value : `${value} ${PRODUCT}`
  }

  return isPath && key === 'location' && /^\/(?!\/)/.test(value) ? place.prefix + value : value
}

function namedBy(connection: string | undefined): string[] | undefined {
  return connection === undefined || /^(?:keep-alive|close)$/i.test(connection)
    ? undefined
    : connection.split(',').map(token => token.trim().toLowerCase())
}
