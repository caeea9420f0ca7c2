export { PeerUnreachableError } from './errors.ts'
export type { Announcement } from './announcements/announcement.ts'
export { Overlay } from './service.ts'
export { openDatastore } from './store.ts'
