import { execFileSync } from 'node:child_process'

interface Teardown {
  teardown(act: () => void): void
}

/** A disk of its own in a folder, which is full soon; false where mounting is not permitted. `size` is as tmpfs reads it. */
export function smallDisk(t: Teardown, folder: string, size: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'plexnet-test', folder], {
      stdio: 'ignore'
    })
  } catch {
    return false
  }

  t.teardown(() => execFileSync('umount', ['-l', folder]))

  return true
}
