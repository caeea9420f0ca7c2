/** Kinds of events that have a name of their own; the others are the scenario's. */
const NAMES: Readonly<Record<number, string>> = {
  16: 'request',
  17: 'answer',
  18: 'timeout',
  32: 'refresh',
  48: 'switch'
}

export function eventName(kind: number): string {
  return NAMES[kind] ?? `scenario-${kind}`
}
