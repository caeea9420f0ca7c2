/** What publishing a folder takes, loaded when there is one. */
export { EMPTY_DIRECTORY, type Block } from '../tree/node.ts'
export { SiteTree } from '../tree/service.ts'
export { SitePublisher } from './service.ts'
export { SiteRecordFile } from './store.ts'
