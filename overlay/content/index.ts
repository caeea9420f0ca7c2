/** What the gateway may load at its start: no libp2p is behind these. */
export { ed25519Signer } from '../../identity/index.ts'
export * from './errors.ts'
export type { OwnTree } from './own-tree.ts'
export { isPublicName, nameFault } from './public-name.ts'
export {
  MAX_SITE_RECORD_BYTES,
  openSiteRecord,
  signSiteRecord,
  type SiteRecord,
  type VerifiedSite
} from './site-record.ts'
export { isSiteKey, newestSite, openSiteAt, siteAddress, siteKey } from './site-key.ts'
export { SiteLookup, type PublisherAnswer, type PublisherLink } from './site-lookup/service.ts'
export { KnownSites } from './site-lookup/store.ts'
export { FRESH_FOR, type KnownSite } from './site-lookup/succession.ts'
