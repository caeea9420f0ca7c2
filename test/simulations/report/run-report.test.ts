import test from 'ava'
import { formatDefault } from '../../../simulations/parameters.ts'
import { describeEstimate, parametersTable } from '../../../simulations/report/run-report.ts'
import { LOOKUP_SCALE } from '../../../simulations/scenarios/lookup-scale.ts'
import { SCENARIOS } from '../../../simulations/scenarios/list.ts'

for (const [mean, interval, text] of [
  [61.4917, 2.812, '61.5 ± 2.8'],
  [4.7944, 4.83, '4.8 ± 4.8'],
  [0.123456, 0.00123, '0.1235 ± 0.0012'],
  [243.43, 62.7, '243 ± 63'],
  [100, 0, '100'],
  [3.25318, 0, '3.253']
] as const) {
  test(`a mean of ${mean} with an interval of ${interval} is ${text}`, t => {
    const estimate = { mean, interval, least: mean, most: mean, count: 20 }

    t.is(describeEstimate(estimate), text)
  })
}

test('values that were changed stand out, and defaults are written as values are', t => {
  const html = parametersTable(LOOKUP_SCALE, { values: { nodes: '500', duration: '1m' } })

  t.regex(html, /<strong>500<\/strong>/)
  t.notRegex(html, /<strong>1m<\/strong>/, 'a minute is the default, 60s')
})

test('every default can be written', t => {
  for (const { name, parameters } of SCENARIOS) {
    for (const [key, parameter] of Object.entries(parameters)) {
      t.notRegex(formatDefault(parameter), /NaN/, `${name} ${key}`)
    }
  }
})
