import { mix } from './random.ts'

/** A running hash of everything that happened: two runs with one hash did the same things in the same order. */
export class Trace {
  #first = 0x243f6a88
  #second = 0x13198a2e
  #events = 0

  /** Called with each event. */
  listener: ((time: number, kind: number, a: number, b: number) => void) | undefined

  get events(): number {
    return this.#events
  }

  add(time: number, kind: number, a: number, b: number): void {
    const word = mix((time | 0) ^ Math.imul(kind + 1, 0x9e3779b9))

    this.#first = Math.imul(this.#first ^ word ^ a, 0x01000193) + b
    this.#second =
      Math.imul((this.#second << 5) ^ (this.#second >>> 27) ^ b, 0x85ebca6b) + (a ^ word)
    this.#events += 1
    this.listener?.(time, kind, a, b)
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    return hex(mix(this.#first ^ mix(this.#events))) + hex(mix(this.#second + this.#events))
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
