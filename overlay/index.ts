export { PeerUnreachableError } from './errors.ts'
export { Overlay } from './service.ts'
export { openDatastore } from './store.ts'
