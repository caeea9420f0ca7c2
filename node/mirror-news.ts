import type { Gateway } from '../http-gateway/index.ts'
import { formatAddress, type FullAddress } from '../identity/index.ts'
import type { NodeAudits } from './audits.ts'

export interface MirrorNewsOptions {
  readonly own: FullAddress
  readonly gateway: Pick<Gateway, 'agreements' | 'hearOfMirror'>
  readonly audits: Pick<NodeAudits, 'hearOfMirror'>
}

/**
 * A node announced that it mirrors a site, or does so no longer: its publisher goes and sees, its readers ask it, too, and who
 * audits mirrors of that site looks at it.
 *
 * @throws {InvalidMirrorRecordError}
 */
export async function takeMirrorNews(
  payload: Uint8Array,
  { own, gateway, audits }: MirrorNewsOptions
): Promise<void> {
  const { openMirrorRecord } = await import('../overlay/agreements/index.ts')
  const record = openMirrorRecord(payload, Date.now())
  const { site, address, isWithdrawn } = record

  if (formatAddress(site) === formatAddress(own)) await gateway.agreements.hear(record)
  gateway.hearOfMirror(site, address, isWithdrawn)
  if (!isWithdrawn) audits.hearOfMirror(site, address)
}
