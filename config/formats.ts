import { isIP, isIPv4, isIPv6 } from 'node:net'
import { resolve } from 'node:path'
import { isMirrorUri } from '../overlay/agreements/mirror-uri.ts'
import { parseHours } from '../overlay/mirrors/pace/hours.ts'

interface Format {
  readonly accepts: (text: string) => boolean
  /** Completes "allowed: …". */
  readonly allowed: string
}

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i

/** A whole SHA-256 fingerprint, its spaces, colons and dashes taken out. */
const FINGERPRINT = /^#SHA256[0-9a-f]{64}$/i

const PROXY_RULE = /^[a-z0-9.-]*\/[^=\s]*=https?:\/\/[a-z0-9.:[\]-]+(?:\/[^\s?#]*)?$/i

/** A path, or a name as the npm registry has them. */
const MODULE = /^(?:\.{0,2}\/[^\0]+|(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(?:\/[\w./-]+)?)$/

/** The kinds of text that a setting can hold. */
export const FORMATS = {
  // Not only RFC 9562 variants: the specification's own sample has reserved variant bits.
  uuid: {
    accepts: text => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
    allowed: 'a UUID such as 6409808a-3548-11db-f2fd-0016cb90e4dc'
  },
  ipv4: { accepts: isIPv4, allowed: 'an IPv4 address such as 203.0.113.7' },
  ipv6: { accepts: isIPv6, allowed: 'an IPv6 address such as 2001:db8::7' },
  ip: { accepts: text => isIP(text) !== 0, allowed: 'an IPv4 or IPv6 address' },
  host: {
    accepts: text => HOST_NAME.test(text) && !isIPv4(text),
    allowed: 'a host name such as node.example.org'
  },
  'host-port': {
    accepts: isHostPort,
    allowed: 'a host name or address, with :port where it is not the usual one'
  },
  seed: {
    accepts: isSeed,
    allowed:
      'https://HOST:9010, which may end in #SHA256:<64 hex digits>, or a multiaddr such as /ip4/203.0.113.7/tcp/7010/p2p/12D3…'
  },
  'proxy-rule': {
    accepts: text => PROXY_RULE.test(text),
    allowed: '[HOST]/PATH=http://SERVER[/PATH], such as /app/=http://127.0.0.1:3000'
  },
  'content-source': {
    accepts: isContentSource,
    allowed:
      'web+https://HOST/FOLDER/#UUID.FP, a copy of a site, or gateway+https://HOST/, a trustless gateway, with #UUID.FP where it has one site only'
  },
  'mirror-uri': {
    accepts: isMirrorUri,
    allowed: 'http:// or https://HOST/FOLDER/, in the form in which a browser shows it'
  },
  hours: {
    accepts: text => parseHours(text) != null,
    allowed: 'hours such as 01:00-06:00, or 22:30-05:00 over midnight'
  },
  path: { accepts: text => !text.includes('\0'), allowed: 'a path' },
  'path-or-dash': { accepts: text => !text.includes('\0'), allowed: 'a path, or -' },
  module: {
    accepts: text => MODULE.test(text),
    allowed: 'a path that begins with ./, ../ or /, or the name of an installed package'
  }
} as const satisfies Record<string, Format>

export type FormatName = keyof typeof FORMATS

/** What a relative path means, by format, given the folder that it starts from. */
export const PLACES: Readonly<Partial<Record<FormatName, (text: string, base: string) => string>>> =
  {
    path: (text, base) => resolve(base, text),
    'path-or-dash': (text, base) => (text === '-' ? text : resolve(base, text)),
    module: (text, base) => (/^\.{0,2}\//.test(text) ? resolve(base, text) : text)
  }

function isHostPort(text: string): boolean {
  const [, host = '', port = '1'] = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(text) ?? []
  const bare = host.replace(/^\[(.+)\]$/, '$1')

  return (HOST_NAME.test(bare) || isIP(bare) !== 0) && Number(port) >= 1 && Number(port) <= 65_535
}

function isContentSource(text: string): boolean {
  const [, kind, address = '', site] =
    /^(web|gateway)\+(https?:\/\/[^#]+)(?:#([0-9a-f-]{36}[.-][a-z2-7]{26}))?$/i.exec(text) ?? []
  const url = URL.parse(address)

  return (
    url != null &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    (kind === 'gateway' ? !text.endsWith('#') : site != null)
  )
}

function isSeed(text: string): boolean {
  if (text.startsWith('/')) {
    return /^(\/[^/\s]+)+$/.test(text)
  }
  const url = URL.parse(text)

  return (
    url?.protocol === 'https:' &&
    url.username === '' &&
    url.search === '' &&
    (url.hash === '' || FINGERPRINT.test(url.hash.replaceAll(/%20|[:-]/g, '')))
  )
}
