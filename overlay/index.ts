export { ListenError, PeerUnreachableError } from './errors.ts'
export { Overlay, type ConnectedPeer, type OverlayOptions } from './service.ts'
export { openDatastore } from './store.ts'
