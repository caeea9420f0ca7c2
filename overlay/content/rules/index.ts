/** What of a folder is public, loaded where it says so itself. */
export { IGNORE_FILE, MAX_IGNORE_BYTES, SiteRules } from './site-rules.ts'
