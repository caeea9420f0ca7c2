import { selectNewest, validateForStorage, type DiscoveryStore } from '../discovery/index.ts'
import { isSiteKey, newestSite, openSiteAt } from '../overlay/content/index.ts'

/**
 * How long the sequence number of a site is remembered, in ms: kad-dht forgets the value after 48 h without a new put,
 * and an author's year must not hold a place here for a year.
 */
const SITE_MEMORY = 30 * 24 * 60 * 60 * 1000

/**
 * Decides for the DHT whether a node or site record may be stored under a key; neither may go back to a lower sequence number.
 *
 * @throws {RecordError | InvalidSiteRecordError}
 */
export async function validateRecord(
  store: DiscoveryStore,
  key: string,
  value: Uint8Array
): Promise<void> {
  if (!isSiteKey(key)) return validateForStorage(store, key, value)

  const now = Date.now()
  const { seq, expires } = openSiteAt(key, value, now)

  return store.raiseSequence(key, { seq, expires: Math.min(expires, now + SITE_MEMORY) }, now)
}

/** Decides for the DHT which of several records under a key is the newest. */
export function newestRecord(key: string, values: readonly Uint8Array[]): number {
  return isSiteKey(key) ? newestSite(key, values, Date.now()) : selectNewest(key, values)
}
