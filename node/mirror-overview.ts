import type { Gateway, AgreementJson } from '../http-gateway/index.ts'
import type { FullAddress } from '../identity/index.ts'
import type { Agreement } from '../overlay/agreements/index.ts'
import { NoAgreementError, RefusedServerError } from './mirror-errors.ts'

type Agreements = Pick<Gateway['agreements'], 'all' | 'open'>

export interface KnownOfMirrors {
  /** Of the version of the own site that was signed last. */
  readonly root: string | undefined
  /** What audits of a mirror found. */
  readonly auditOf: (mirror: FullAddress) => AgreementJson['audit']
}

/** Who mirrors the site of this node, for its owner. */
export function agreementsOf(
  { all }: Pick<Agreements, 'all'>,
  { root, auditOf }: KnownOfMirrors
): AgreementJson[] {
  return all.map(agreement => ({
    ...describe(agreement, root),
    audit: agreement.node && auditOf(agreement.node)
  }))
}

/** How many would serve the version of now if this node went offline: those that audits have put in doubt are not counted on. */
export function wouldServe(agreements: readonly AgreementJson[]): number {
  return agreements.filter(
    ({ state, isCurrent, audit }) =>
      state === 'listed' && isCurrent && audit?.state !== 'doubtful' && audit?.state !== 'dropped'
  ).length
}

/** @throws {RefusedServerError} */
export async function nameServer(agreements: Agreements, uri: string): Promise<AgreementJson> {
  const { isMirrorUri } = await import('../overlay/agreements/index.ts')
  const place = URL.parse(uri)?.href ?? uri

  if (!isMirrorUri(place)) {
    throw new RefusedServerError(`"${uri}" is no place of a mirror: write https://HOST/FOLDER/`)
  }

  const named = await (await agreements.open())?.name({ uri: place, prefix: '/' })

  if (named == null) {
    throw new RefusedServerError(
      `${uri} is on this machine or in a private network, of which clients are not told; mirrors.private_addresses = true allows it`
    )
  }

  return describe(named, undefined)
}

/** @throws {NoAgreementError} */
export async function endAgreement(agreements: Agreements, id: string): Promise<AgreementJson> {
  const place = URL.parse(id)?.href ?? id
  const keeper = await agreements.open()
  const ended = (await keeper?.end(id)) ?? (await keeper?.end(place))

  if (ended == null) throw new NoAgreementError(id)

  return describe(ended, undefined)
}

function describe(agreement: Agreement, root: string | undefined): AgreementJson {
  const { id, uris, prefix, trust, state, reason, incident, since, lastCheck } = agreement
  const { node, expires, bytes, quota, served } = agreement

  return {
    id,
    uris,
    prefix,
    trust,
    state,
    reason,
    incident,
    since,
    expires: node == null ? undefined : expires,
    isCurrent: root != null && agreement.root === root,
    root: agreement.root,
    bytes,
    quota,
    served,
    lastCheck
  }
}
