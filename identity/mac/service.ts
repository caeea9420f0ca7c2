import { networkInterfaces } from 'node:os'
import { chooseMac } from './mac.ts'

/** The hardware address of this machine; undefined where it has none or does not tell. */
export function readMac(): Uint8Array | undefined {
  try {
    return chooseMac(networkInterfaces())
  } catch {
    return undefined
  }
}
