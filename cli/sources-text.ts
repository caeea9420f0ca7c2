import type { SourceChoice } from '../http-gateway/control/index.ts'
import { printable } from './failure.ts'
import { describeBytes, table } from './text.ts'

/** Each source of a site with what decides about it, the best first. */
export function sourcesText(sources: readonly SourceChoice[]): string {
  return sources.map(sourceText).join('\n\n')
}

function sourceText(choice: SourceChoice): string {
  const { source, isUsed, state, trust, reason, score } = choice

  return [
    `${isUsed ? '*' : ' '} ${printable(source)}  (${state})`,
    table([
      ['  Round trip', roundTripText(choice)],
      ['  Throughput', throughputText(choice)],
      ['  Trust', trust === 0 ? 'none' : `level ${trust}`],
      ['  History', historyText(choice)],
      ['  Score', `${Math.round(score)} ms for 256 KiB; the lowest is asked first`],
      ['  Why', printable(reason)]
    ])
  ].join('\n')
}

function roundTripText({ roundTrip, isMeasured, latency }: SourceChoice): string {
  const line =
    roundTrip == null
      ? 'unknown'
      : `${roundTrip.toFixed(1)} ms, ${isMeasured ? 'measured' : 'estimated by its place'}`

  return latency == null ? line : `${line}; ${latency.toFixed(1)} ms to the first byte`
}

function throughputText({ throughput }: SourceChoice): string {
  return throughput == null ? 'unknown' : `${describeBytes(throughput)} a second`
}

function historyText({ reliability, failures, lies }: SourceChoice): string {
  const well = `${Math.round(100 * reliability)} % went well lately`
  const failed = failures === 0 ? '' : `; failed ${failures} times in a row`

  return `${well}${failed}${lies === 0 ? '' : `; ${lies} ${lies === 1 ? 'lie' : 'lies'} about other sites`}`
}
