/** Nodes nearby that offer what they have read. */
export { CacheOffer } from './offer.ts'
export { SiblingLedger, type SiblingCounts } from './ledger.ts'
export { CACHE_CAPABILITY, siblingsToAsk, waitFor, type Sibling } from './whom.ts'
