/** Names that are remembered of one folder; where more change, all of it is looked at. */
export const MAX_DIRTY_NAMES = 512

/** What is to be looked at again in a folder and below it. */
export class Dirty {
  readonly #children = new Map<string, Dirty>()
  #isWhole = false

  static whole(): Dirty {
    const dirty = new Dirty()

    dirty.#isWhole = true

    return dirty
  }

  /** Everything below is to be looked at. */
  get isWhole(): boolean {
    return this.#isWhole
  }

  get isClean(): boolean {
    return !this.#isWhole && this.#children.size === 0
  }

  get names(): string[] {
    return [...this.#children.keys()]
  }

  child(name: string): Dirty | undefined {
    return this.#isWhole ? Dirty.whole() : this.#children.get(name)
  }

  /** Marks what stands at the end of this path. */
  add(path: readonly string[]): void {
    const [name, ...rest] = path

    if (name == null || this.#isWhole) return

    const known = this.#children.get(name)

    if (known == null && this.#children.size === MAX_DIRTY_NAMES) {
      this.#all()

      return
    }

    const child = known ?? new Dirty()

    this.#children.set(name, child)
    child.add(rest)
  }

  /** Marks everything in the folder at the end of this path. */
  addWhole(path: readonly string[]): void {
    const [name, ...rest] = path

    if (name == null) {
      this.#all()

      return
    }

    this.add([name])
    this.#children.get(name)?.addWhole(rest)
  }

  #all(): void {
    this.#isWhole = true
    this.#children.clear()
  }
}
