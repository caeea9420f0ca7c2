import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import type { MirrorPolicyJson } from '../http-gateway/index.ts'
import { errorMessage, parseFullAddress, type FullAddress } from '../identity/index.ts'
import { InvalidPolicyError } from './mirror-errors.ts'

export interface PolicyOptions {
  /** What was ordered on the command line, which goes before the configuration. */
  readonly file: string
  readonly configured: MirrorPolicyJson | undefined
  /** Whom the owner trusts to mirror, directly or through others, the most trusted first. */
  readonly trusted: () => Promise<readonly { readonly party: string; readonly level: number }[]>
  /** Sites that are mirrored, with what each has in bytes. */
  readonly mirrored: () => Promise<
    readonly {
      readonly address: string
      readonly bytes: number
      readonly quota: number
      readonly isByPolicy: boolean
    }[]
  >
  /** Whether a node has a site that can be mirrored. */
  readonly hasSite: (address: FullAddress) => Promise<boolean>
  readonly add: (address: FullAddress, quota: number) => Promise<void>
  readonly remove: (address: FullAddress) => Promise<void>
  readonly onWarning: (message: string) => void
}

/** How often it is looked whom the owner trusts, in ms. */
const INTERVAL = 60_000

/** Sites that are taken on in one round, so that each knows what the others take. */
const NEW_AT_ONCE = 1

/** A site gets room for this at least, in bytes, or is left out. */
const LEAST_ROOM = 1 << 20

/** How long what is not trusted any more is kept, in ms. */
const GRACE = 86_400_000

const LEVELS = [1, 2, 3]

/** Mirrors whom the owner trusts, within one quota for all of them together. */
export class MirrorPolicy {
  readonly #options: PolicyOptions
  /** Since when those whom it mirrors are not trusted any more. */
  readonly #untrusted = new Map<string, number>()
  #policy: MirrorPolicyJson | undefined
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(options: PolicyOptions) {
    this.#options = options
    this.#policy = options.configured
  }

  get policy(): MirrorPolicyJson | undefined {
    return this.#policy
  }

  async start(): Promise<void> {
    const kept = await readFile(this.#options.file, 'utf8').catch(() => undefined)

    if (kept != null) this.#policy = readPolicy(kept) ?? this.#policy
    if (this.#policy != null) this.#begin()
  }

  /** @throws {InvalidPolicyError} */
  async follow(policy: MirrorPolicyJson | null): Promise<void> {
    if (policy != null && !isPolicy(policy)) throw new InvalidPolicyError()

    const { file } = this.#options

    this.#policy = policy ?? undefined
    clearInterval(this.#timer)

    if (policy == null) {
      await rm(file, { force: true })
    } else {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await writeFileAtomic(file, `${JSON.stringify(policy)}\n`, { mode: 0o600 })
      this.#begin()
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#timer)
    await this.#round
  }

  #begin(): void {
    clearInterval(this.#timer)
    this.#timer = setInterval(() => this.look(), INTERVAL).unref()
    this.look()
  }

  /** Somebody may be trusted now who was not, or not any more. */
  look(): void {
    this.#round = this.#round.then(async () =>
      this.#look().catch((error: unknown) => this.#options.onWarning(errorMessage(error)))
    )
  }

  async #look(): Promise<void> {
    const { trusted, mirrored, add, remove } = this.#options
    const policy = this.#policy

    if (policy == null || this.#isStopped) return

    const wanted = new Set(
      (await trusted()).filter(({ level }) => level >= policy.trusted).map(({ party }) => party)
    )
    const sites = await mirrored()
    const own = sites.filter(({ isByPolicy }) => isByPolicy)

    for (const { address } of own.filter(site => this.#isOver(site.address, wanted))) {
      await remove(parseFullAddress(address))
    }

    const kept = (await mirrored()).filter(({ isByPolicy }) => isByPolicy)
    const room = policy.quota - kept.reduce((sum, { bytes }) => sum + bytes, 0)

    // Together they never have more than the quota, whichever of them grows.
    for (const { address, bytes, quota } of kept) {
      const share = Math.max(bytes + Math.floor(room / (kept.length + 1)), 1)

      if (Math.abs(share - quota) > LEAST_ROOM) await add(parseFullAddress(address), share)
    }

    const others = [...wanted].filter(party => sites.every(({ address }) => address !== party))

    await this.#takeOn(others, Math.floor(room / (kept.length + 1)))
  }

  /** Trust that is taken back ends it after a while: a statement that has just run out is often renewed. */
  #isOver(address: string, wanted: ReadonlySet<string>): boolean {
    const now = Date.now()

    if (wanted.has(address)) {
      this.#untrusted.delete(address)

      return false
    }

    const since = this.#untrusted.get(address) ?? now

    this.#untrusted.set(address, since)

    return now - since >= GRACE
  }

  async #takeOn(parties: readonly string[], room: number): Promise<void> {
    let taken = 0

    for (const party of parties) {
      if (taken === NEW_AT_ONCE || room < LEAST_ROOM || this.#isStopped) return

      const address = parseFullAddress(party)

      if (await this.#options.hasSite(address).catch(() => false)) {
        await this.#options.add(address, room)
        taken += 1
      }
    }

    // There may be more of them.
    if (taken > 0) setTimeout(() => this.look(), INTERVAL / 12).unref()
  }
}

function isPolicy({ trusted, quota }: MirrorPolicyJson): boolean {
  return LEVELS.includes(trusted) && Number.isSafeInteger(quota) && quota > 0
}

function readPolicy(text: string): MirrorPolicyJson | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const { trusted, quota }: Record<string, unknown> = {
      ...(typeof value === 'object' ? value : {})
    }
    const policy = { trusted: Number(trusted), quota: Number(quota) }

    return isPolicy(policy) ? policy : undefined
  } catch {
    return undefined
  }
}
