import { log } from '../engine/pinned-math.ts'
import { Streams } from '../engine/random.ts'
import { SmallWorldRing } from '../small-world/ring.ts'
import { fitLine } from '../statistics.ts'
import { verdict, type Check, type Validation } from './validation.ts'

const SIZES = [2 ** 13, 2 ** 15, 2 ** 17]
const EXPONENTS = [0, 0.5, 1, 1.5, 2]

/** Rings of each size, and routes on each. */
const RINGS = 3
const ROUTES = 400

/** Greedy routing takes N^β steps; at exponent 1, log² N, which looks like no fixed power and like a smaller one than all others. */
const THEORY: Readonly<Record<number, number>> = { 0: 1 / 2, 0.5: 1 / 3, 1.5: 1 / 2, 2: 1 }
const TOLERANCE = 0.15

export const KLEINBERG: Validation = {
  name: 'kleinberg',
  title: 'Greedy routing in a small world',
  source:
    'Kleinberg: "Navigation in a small world", Nature 406, 2000; Barrière, Fraigniaud, Kranakis, Krizanc, DISC 2001, for the ring',
  conditions: `A ring of 8,192, 32,768 and 131,072 nodes, one far link each, ${RINGS} rings of each size, ${ROUTES} routes on each.`,
  check
}

function check(): Check[] {
  const growths = EXPONENTS.map(exponent => ({ exponent, growth: growthOf(exponent) }))
  const best = growths.toSorted((a, b) => a.growth - b.growth)[0]!

  return [
    {
      what: 'link exponent with which steps grow least',
      published: '1, the dimension of the ring',
      ours: `${best.exponent} (${growths.map(({ exponent, growth }) => `${exponent}: N^${growth.toFixed(2)}`).join(', ')})`,
      tolerance: 'the same',
      verdict: verdict(best.exponent === 1)
    },
    ...growths.flatMap(({ exponent, growth }) => {
      const theirs = THEORY[exponent]

      return theirs == null
        ? []
        : [
            {
              what: `growth at link exponent ${exponent}`,
              published: `N^${theirs.toFixed(2)}`,
              ours: `N^${growth.toFixed(2)}`,
              tolerance: `± ${TOLERANCE}`,
              verdict: verdict(Math.abs(growth - theirs) <= TOLERANCE)
            }
          ]
    })
  ]
}

/** The slope of steps against nodes, both as logarithms. */
function growthOf(exponent: number): number {
  return fitLine(SIZES.map(nodes => [log(nodes), log(meanSteps(nodes, exponent))] as const)).slope
}

function meanSteps(nodes: number, exponent: number): number {
  const stream = new Streams(nodes).stream(`ring ${exponent}`)
  let steps = 0

  for (let ring = 0; ring < RINGS; ring += 1) {
    const world = new SmallWorldRing(nodes, exponent, stream)

    for (let route = 0; route < ROUTES; route += 1) {
      steps += world.route(stream.below(nodes), stream.below(nodes))
    }
  }

  return steps / RINGS / ROUTES
}
