/** What was tried on the way to a node or a document, in order, for error pages and `resolve`. */
export type StepName = 'seed' | 'cache' | 'dht' | 'record' | 'address' | 'certificate' | 'answer'

export interface Step {
  readonly step: StepName
  readonly outcome: 'ok' | 'failed' | 'skipped'
  readonly detail: string
  readonly milliseconds?: number
}
