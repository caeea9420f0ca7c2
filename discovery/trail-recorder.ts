import type { Step, StepName } from './trail.ts'

/** Collects steps with the time since the one before, in ms. */
export class Trail {
  readonly #now: () => number
  readonly #steps: Step[] = []
  #last: number

  constructor(now: () => number) {
    this.#now = now
    this.#last = now()
  }

  get steps(): readonly Step[] {
    return this.#steps
  }

  ok(step: StepName, detail: string): void {
    this.#add(step, 'ok', detail)
  }

  failed(step: StepName, detail: string): void {
    this.#add(step, 'failed', detail)
  }

  #add(step: StepName, outcome: Step['outcome'], detail: string): void {
    const now = this.#now()

    this.#steps.push({ step, outcome, detail, milliseconds: now - this.#last })
    this.#last = now
  }
}
