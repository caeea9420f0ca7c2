import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statSync
} from 'node:fs'
import { statfs } from 'node:fs/promises'
import { HotFile } from '../file.ts'
import { READ } from '../opening/store.ts'
import { isPublicWithin } from '../path.ts'
import { etagOf, representationOf } from '../representation.ts'

export interface AtOnceOptions {
  /** Of files that are read here, in bytes. */
  readonly maxSize: number
  /** The Server field. */
  readonly server: string
  /** ms, from any start */
  readonly now: () => number
  /** How often this process had something read from a disk. */
  readonly diskReads?: () => number
}

// As statfs(2) calls file systems that lie in this machine, and whose reads from a disk the system counts: ext2 to 4, xfs, btrfs, f2fs, bcachefs,
// tmpfs, ramfs, and overlays of them. A server on a network that is gone would stop the whole process.
const LOCAL = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0xca451a4e, 0x01021994, 0x858458f6, 0x794c7630
])

// A file from the system's cache takes some tens of µs. What takes this long, in ms, while something is read from a disk, comes from one that
// turns, …
const SLOW = 5

// … and when it has happened so often …
const MAX_SLOW = 3

// … within this time, in ms, files are read in other threads for as long: the waits are a few thousandths of the time.
const REST = 10_000

/**
 * Looks at small files in the thread that answers: on a local disk that costs a few µs, and handing it to another thread and back ten times as
 * much.
 */
export class AtOnce {
  readonly #options: AtOnceOptions
  readonly #diskReads: () => number
  #isLocal = false
  #restsUntil = -Infinity
  #readsBefore = 0
  readonly #slow: number[] = []

  constructor(options: AtOnceOptions) {
    this.#options = options
    this.#diskReads = options.diskReads ?? (() => process.resourceUsage().fsRead)
  }

  /** To be told where the files lie. */
  async prepare(root: string | undefined): Promise<void> {
    this.#isLocal = false
    this.#isLocal = root !== undefined && process.platform === 'linux' && (await isLocal(root))
    this.#readsBefore = this.#diskReads()
  }

  get isReady(): boolean {
    return this.#isLocal && this.#options.now() >= this.#restsUntil
  }

  /** The entity tag of a file as it is now; undefined where it cannot be reached any more. */
  tagOf(file: string): string | undefined {
    return this.#timed(() => orUndefined(() => etagOf(statSync(file, { bigint: true }))))
  }

  /** `missing` for what does not exist below the root, undefined for what is no small file, or is just being written. */
  read(root: string, file: string): HotFile | 'missing' | undefined {
    return this.#timed(() => {
      const fd = orUndefined(() => openSync(file, READ))

      if (fd === undefined) {
        return 'missing'
      }

      try {
        return orUndefined(() => this.#readOpen(root, file, fd))
      } finally {
        closeSync(fd)
      }
    })
  }

  /** Reads into a buffer; undefined where that could take long. */
  readPart(fd: number, buffer: Buffer, position: number): number | undefined {
    return this.isReady
      ? this.#timed(() => readSync(fd, buffer, 0, buffer.length, position))
      : undefined
  }

  #readOpen(root: string, file: string, fd: number): HotFile | 'missing' | undefined {
    // Where it was found once it was open: a link that changes meanwhile leads nowhere else.
    if (!isPublicWithin(root, readlinkSync(`/proc/self/fd/${fd}`))) {
      return 'missing'
    }

    const facts = fstatSync(fd, { bigint: true })

    if (!facts.isFile() || facts.size > this.#options.maxSize) {
      return undefined
    }

    const representation = representationOf(file, facts, this.#options.server)
    const content = Buffer.allocUnsafe(representation.size)
    const isWhole = readSync(fd, content, 0, content.length, 0) === content.length

    return isWhole && etagOf(fstatSync(fd, { bigint: true })) === representation.etag
      ? new HotFile(file, representation, content)
      : undefined
  }

  #timed<R>(work: () => R): R {
    const { now } = this.#options
    const begun = now()

    try {
      return work()
    } finally {
      const ended = now()

      if (ended - begun > SLOW) {
        this.#noteSlow(ended)
      }
    }
  }

  /** On a machine that is busy, the wait may have been for a processor. */
  #noteSlow(now: number): void {
    const reads = this.#diskReads()

    if (reads !== this.#readsBefore) {
      this.#readsBefore = reads
      this.#slow.push(now)
    }

    if (this.#slow.length === MAX_SLOW) {
      const first = this.#slow.shift() ?? now

      this.#restsUntil = now - first < REST ? now + REST : this.#restsUntil
    }
  }
}

/** What cannot be done here is tried again, and judged, where the rest is done. */
function orUndefined<R>(work: () => R): R | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

async function isLocal(root: string): Promise<boolean> {
  // It is not mounted everywhere.
  const hasProc = orUndefined(() => readdirSync('/proc/self/fd')) !== undefined

  return hasProc && LOCAL.has((await statfs(root)).type)
}
