/** What a source that nobody knows yet is expected to take to its first byte, in ms. */
const UNKNOWN_LATENCY = 300

/** The weight of the newest observation, as TCP does it (RFC 6298 section 2). */
const LATENCY_GAIN = 1 / 8
const VARIATION_GAIN = 1 / 4
const RATE_GAIN = 1 / 3
const FAILURE_GAIN = 1 / 4
const SUCCESS_GAIN = 1 / 8

/** Nobody is expected to fail more often than this: or it would never be tried again. */
const LEAST_RELIABILITY = 0.05

/** Wait after the first and at most after many failures in a row, in ms. */
const FIRST_BACKOFF = 100
const LONGEST_BACKOFF = 10_000

/** The shortest time in which blocks that are asked for singly tell a pace, in ms. */
const MEASURED_WHILE = 40

/** Blocks that come closer to each other were on their way together, in ms: they share the time before. */
const TOGETHER_WITHIN = 5

/** Sources whose pace is remembered. */
const MAX_PACES = 1024

/** How fast a source has answered so far. */
export class Pace {
  #latency: number | undefined
  #latencies = 0
  #variation = 0
  #rate: number | undefined
  #failures = 0
  #reliability = 1
  #rested = 0
  #busyUntil = 0
  /** Blocks that came singly since the last sample, in bytes, and how long any were on their way meanwhile, in ms. */
  #counted = 0
  #span = 0
  #blockAt = 0

  /** Bytes a ms, undefined before the first have come. */
  get rate(): number | undefined {
    const isTelling = this.#span >= MEASURED_WHILE || (this.#rate == null && this.#counted > 0)

    return isTelling ? this.#rateWith(this.#counted, this.#span) : this.#rate
  }

  /** From a request to its first byte, in ms; undefined before the first. */
  get latency(): number | undefined {
    return this.#latency
  }

  /** The part of what it was asked for that went well lately, above 0 to 1. */
  get reliability(): number {
    return this.#reliability
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures
  }

  /** How long its first byte may take before it counts as late, in ms. */
  get patience(): number {
    return this.#latency == null ? UNKNOWN_LATENCY : this.#latency + 4 * this.#variation
  }

  /**
   * How long `bytes` take it from the request on, in ms; Infinity where nothing is known.
   *
   * @param roundTrip in ms, of which the caller knows where no request has told
   */
  timeFor(bytes: number, roundTrip: number = UNKNOWN_LATENCY): number {
    const { rate } = this

    return rate == null ? Number.POSITIVE_INFINITY : (this.#latency ?? roundTrip) + bytes / rate
  }

  /**
   * The same, to compare it with others; undefined as long as the round trip of its line says more: a first request waits for its connection, too.
   *
   * @param roundTrip as it was measured, undefined where it was not
   */
  latencyBeside(roundTrip: number | undefined): number | undefined {
    return this.#latencies > 1 || roundTrip == null ? this.#latency : undefined
  }

  began(latency: number): void {
    this.#latencies += 1
    // What the first took, with its connection, is forgotten.
    if (this.#latencies === 2 && this.#latency != null)
      this.#latency = Math.min(this.#latency, latency)

    const known = this.#latency ?? latency

    this.#variation += VARIATION_GAIN * (Math.abs(latency - known) - this.#variation)
    this.#latency = known + LATENCY_GAIN * (latency - known)
  }

  /** A whole block came: what went wrong before is over. */
  succeeded(): void {
    this.#failures = 0
    this.#reliability += SUCCESS_GAIN * (1 - this.#reliability)
  }

  delivered(bytes: number, duration: number): void {
    this.#rate = this.#rateWith(bytes, duration)
  }

  #rateWith(bytes: number, duration: number): number {
    const rate = bytes / Math.max(1, duration)
    const known = this.#rate ?? rate

    return known + RATE_GAIN * (rate - known)
  }

  /** A block came that was asked for by itself, maybe beside others: together they are as fast as the source. */
  deliveredBlock(bytes: number, startedAt: number, now: number): void {
    const span = Math.max(0, now - Math.max(startedAt, this.#blockAt))

    // Its first byte came before its last.
    if (this.#latency != null) this.#latency = Math.min(this.#latency, now - startedAt)
    if (span >= TOGETHER_WITHIN && this.#span >= MEASURED_WHILE) {
      this.delivered(this.#counted, this.#span)
      this.#counted = 0
      this.#span = 0
    }
    this.#counted += bytes
    this.#span += span
    this.#blockAt = now
  }

  /** It needs longer than this for so many bytes. */
  isSlowerThan(bytes: number, duration: number): void {
    this.delivered(Math.min(bytes, (this.rate ?? Infinity) * duration), duration)
  }

  failed(now: number): void {
    this.#failures += 1
    this.#reliability = Math.max(LEAST_RELIABILITY, (1 - FAILURE_GAIN) * this.#reliability)
    this.#rested =
      now + Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 4 ** Math.min(this.#failures - 1, 10))
  }

  /** It asked for patience, which is no failure. */
  restUntil(time: number): void {
    this.#busyUntil = time
  }

  /** From when on it may be asked again, in ms. */
  get restedAt(): number {
    return Math.max(this.#busyUntil, this.#failures === 0 ? 0 : this.#rested)
  }
}

/** The paces of all sources, for all that is read at once. */
export class Paces {
  readonly #paces = new Map<string, Pace>()

  of(source: string): Pace {
    const known = this.#paces.get(source)

    if (known != null) return known

    const pace = new Pace()

    this.#paces.set(source, pace)
    if (this.#paces.size > MAX_PACES) {
      const [oldest] = this.#paces.keys()

      if (oldest != null) this.#paces.delete(oldest)
    }

    return pace
  }
}
