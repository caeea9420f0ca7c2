import { Streams } from '../engine/random.ts'
import { MILLISECOND } from '../engine/ticks.ts'
import { PlaneLatency } from '../network/latency.ts'
import { parseMatrix } from '../network/matrix.ts'
import { meanOf, quantile } from '../statistics.ts'
import { embed } from '../vivaldi/embed.ts'
import { verdict, type Check, type Validation, type ValidationSetup } from './validation.ts'

/** The name of the matrix among the files of third parties. */
const MATRIX = 'planetlab-490-rtt-ms.txt'

const HOSTS = 490
const NEIGHBOURS = 32
const ROUNDS = 2000
const SEEDS = [1, 2, 3, 4, 5]
const MOST_ERROR = 0.12

/** Shorter round trips, in ms, are within one machine room, and the clock's error counts for as much. */
const LEAST_ROUND_TRIP = 0.2

export const VIVALDI: Validation = {
  name: 'vivaldi',
  title: 'Network coordinates predict round trips',
  source:
    'Dabek, Cox, Kaashoek, Morris: "Vivaldi: A Decentralized Network Coordinate System", SIGCOMM 2004; matrix: NetLatency-Data, PlanetLab, slice 1',
  conditions: `${HOSTS} hosts in a plane with heights, ${NEIGHBOURS} neighbours each, half of them near, ${ROUNDS} samples a host, all pairs compared, the mean of ${SEEDS.length} seeds.`,
  check
}

function check({ data }: ValidationSetup): Check[] {
  const matrix = data[MATRIX]
  const places = new PlaneLatency(HOSTS, new Streams(1).stream('places'))

  return [
    matrix == null
      ? {
          what: 'median relative error on the PlanetLab matrix',
          published: `at most ${MOST_ERROR}`,
          ours: '',
          tolerance: '',
          verdict: 'left out' as const,
          note: `${MATRIX} is not in the folder of --data`
        }
      : checkOf('the PlanetLab matrix', roundTripsOf(matrix)),
    checkOf('places drawn from the fitted space', (a, b) => (2 * places.oneWay(a, b)) / MILLISECOND)
  ]
}

function checkOf(where: string, roundTrip: (a: number, b: number) => number): Check {
  const errors = SEEDS.map(seed => errorOf(roundTrip, seed))
  const mean = meanOf(errors)

  return {
    what: `median relative error on ${where}`,
    published: `at most ${MOST_ERROR}`,
    ours: `${mean.toFixed(3)} (${errors.map(error => error.toFixed(3)).join(', ')})`,
    tolerance: 'an upper bound',
    verdict: verdict(mean <= MOST_ERROR)
  }
}

function errorOf(roundTrip: (a: number, b: number) => number, seed: number): number {
  const { errors } = embed(
    HOSTS,
    roundTrip,
    { neighbours: NEIGHBOURS, rounds: ROUNDS },
    new Streams(seed).stream('vivaldi')
  )

  return quantile(errors, 0.5)
}

function roundTripsOf(text: string): (a: number, b: number) => number {
  const matrix = parseMatrix(text)

  return (a, b) => Math.max(LEAST_ROUND_TRIP, matrix[a]![b]!)
}
