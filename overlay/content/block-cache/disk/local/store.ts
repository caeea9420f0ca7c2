import { statfs } from 'node:fs/promises'

/**
 * As statfs(2) calls file systems that lie in this machine: ext2 to 4, xfs, btrfs, f2fs, bcachefs, tmpfs, ramfs, and overlays of
 * them. A server on a network that is gone would stop the whole process.
 */
const LOCAL = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0xca451a4e, 0x01021994, 0x858458f6, 0x794c7630
])

/** Whether a folder lies on a disk of this machine; false where that is not known. */
export async function isLocal(folder: string): Promise<boolean> {
  try {
    return process.platform === 'linux' && LOCAL.has((await statfs(folder)).type)
  } catch {
    return false
  }
}
