/** Keeping whole copies of the sites of others. Loaded by nodes that mirror, or look for mirrors. */
export * from './errors.ts'
export { findMirrors } from './find/service.ts'
export type { MirrorStatus } from './entry.ts'
export type { PaceChange, PaceLimits } from './pace/limits.ts'
export type { PushAnswer } from './push/service.ts'
export { Mirrors } from './service.ts'
