import test from 'ava'
import { CrowdRule, type Load } from '../../../../http-gateway/outsiders/crowd/crowd-rule.ts'

const NONE: Load = { requests: 0, sendDelay: 0, loopDelay: 0 }

function rule(): CrowdRule {
  return new CrowdRule({
    high: { requests: 100, sendDelay: 500, loopDelay: 250 },
    low: { requests: 50, sendDelay: 100, loopDelay: 50 }
  })
}

const MEASURES: Load[] = [
  { ...NONE, requests: 100 },
  { ...NONE, sendDelay: 500 },
  { ...NONE, loopDelay: 250 }
]

for (const load of MEASURES) {
  test(`there is a crowd at ${JSON.stringify(load)}, until it has been calm for a while (C1)`, t => {
    const crowd = rule()

    t.false(crowd.isCrowded(NONE, 0))
    t.true(crowd.isCrowded(load, 1000))
    t.true(crowd.isCrowded(NONE, 2000))
    // Between the bounds it neither begins nor ends.
    t.true(crowd.isCrowded({ ...NONE, requests: 60 }, 2900))
    t.true(crowd.isCrowded(NONE, 7800))
    t.false(crowd.isCrowded(NONE, 7900))
    t.false(crowd.isCrowded({ ...NONE, requests: 99 }, 8000))
  })
}
