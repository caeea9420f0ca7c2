/** What takes longer than this, in ms, has waited for the disk: the system takes a block in a fraction of one, or some where it is busy, … */
const SLOW = 30

/** … and when that has happened so often … */
const MAX_SLOW = 3

/** … within this time, in ms, nobody waits for the disk for as long: the waits are a few thousandths of the time. */
const REST = 10_000

/** Whether a disk has been quick enough lately to be waited for. */
export class Patience {
  readonly #slow: number[] = []
  #restsUntil = Number.NEGATIVE_INFINITY

  isLeft(now: number): boolean {
    return now >= this.#restsUntil
  }

  /** A write that ended at `now` took so many ms. */
  note(duration: number, now: number): void {
    if (duration < SLOW) return

    this.#slow.push(now)
    if (this.#slow.length < MAX_SLOW) return

    const first = this.#slow.shift() ?? now

    if (now - first <= REST) {
      this.#restsUntil = now + REST
      this.#slow.length = 0
    }
  }
}
