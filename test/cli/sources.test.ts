import test from 'ava'
import { sourcesText } from '../../cli/sources-text.ts'

test('each source is told with what decides about it, and what strangers wrote is harmless', t => {
  const text = sourcesText([
    {
      source: 'near\u001B[2J',
      kind: 'node',
      state: 'first',
      isUsed: true,
      roundTrip: 5.25,
      isMeasured: true,
      latency: 6.5,
      throughput: 20 * 1024 * 1024,
      trust: 2,
      failures: 0,
      reliability: 1,
      lies: 0,
      score: 17.6,
      reason: 'It is asked first.'
    },
    {
      source: 'far',
      kind: 'web',
      state: 'resting',
      isUsed: false,
      isMeasured: false,
      trust: 0,
      failures: 2,
      reliability: 0.5,
      lies: 1,
      score: 900,
      reason: 'It failed.'
    }
  ])

  t.is(
    text,
    `* near [2J  (first)
  Round trip  5.3 ms, measured; 6.5 ms to the first byte
  Throughput  20.0 MiB a second
  Trust       level 2
  History     100 % went well lately
  Score       18 ms for 256 KiB; the lowest is asked first
  Why         It is asked first.

  far  (resting)
  Round trip  unknown
  Throughput  unknown
  Trust       none
  History     50 % went well lately; failed 2 times in a row; 1 lie about other sites
  Score       900 ms for 256 KiB; the lowest is asked first
  Why         It failed.`
  )
})
