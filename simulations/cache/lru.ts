const NONE = -1

/** A cache of whole numbers below `universe` that forgets the one not used for longest; arrays in place of objects, for millions of requests. */
export class LruCache {
  readonly #capacity: number
  readonly #newer: Int32Array
  readonly #older: Int32Array
  readonly #isHeld: Uint8Array
  #newest = NONE
  #oldest = NONE
  #size = 0

  constructor(universe: number, capacity: number) {
    this.#capacity = capacity
    this.#newer = new Int32Array(universe).fill(NONE)
    this.#older = new Int32Array(universe).fill(NONE)
    this.#isHeld = new Uint8Array(universe)
  }

  get size(): number {
    return this.#size
  }

  has(key: number): boolean {
    return this.#isHeld[key] === 1
  }

  /** Asks for a key, which is held from now on; whether it was held before. */
  request(key: number): boolean {
    const isHit = this.has(key)

    if (isHit) this.#unlink(key)
    else this.#makeRoom()

    this.#older[key] = this.#newest
    this.#newer[key] = NONE
    if (this.#newest !== NONE) this.#newer[this.#newest] = key
    this.#newest = key
    if (this.#oldest === NONE) this.#oldest = key
    this.#isHeld[key] = 1
    this.#size += 1

    return isHit
  }

  #makeRoom(): void {
    if (this.#size === this.#capacity) this.#unlink(this.#oldest)
  }

  #unlink(key: number): void {
    const newer = this.#newer[key]!
    const older = this.#older[key]!

    if (newer === NONE) this.#newest = older
    else this.#older[newer] = older
    if (older === NONE) this.#oldest = newer
    else this.#newer[older] = newer

    this.#isHeld[key] = 0
    this.#size -= 1
  }
}
