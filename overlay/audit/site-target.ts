import { formatAddress, parseFullAddress, type FullAddress } from '../../identity/index.ts'

const PREFIX = '/.well-known/plexnet/site/'

/** Where a mirror has the signed record of a site. */
export function siteTarget(site: FullAddress): string {
  return PREFIX + formatAddress(site)
}

/** The site whose record a request asks a mirror for. */
export function siteAsked(target: string): FullAddress | undefined {
  if (!target.startsWith(PREFIX)) return undefined

  try {
    const site = parseFullAddress(target.slice(PREFIX.length))

    return siteTarget(site) === target ? site : undefined
  } catch {
    return undefined
  }
}

/** The number of the record that an ETag stands for. */
export function seqOfTag(tag: string): number | undefined {
  const [, digits] = /^"(\d{1,16})"$/.exec(tag) ?? []
  const seq = Number(digits)

  return digits != null && Number.isSafeInteger(seq) ? seq : undefined
}
