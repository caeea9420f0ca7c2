import { DEFAULT_CAPACITIES } from '../../identity/trust/acceptance.ts'
import { Streams, type RandomStream } from '../engine/random.ts'
import { attack, nearRoot, type Certificates } from '../trust/attack.ts'
import { generateCertificates } from '../trust/generate.ts'
import { parseKonect } from '../trust/konect.ts'
import { verdict, type Check, type Validation, type ValidationSetup } from './validation.ts'

/** The name of the network among the files of third parties. */
const NETWORK = 'advogato-trust.konect'

const QUICK_TRIALS = 25
const TRIALS = 100
/** With the fewest accounts the map has more room than there are good ones, and the bad get all that the confused pass on. */
const GENERATED = [200, 1000, 3000]
const CERTIFICATES = 5
const BAD = 1000
const VOUCHES = 30
const CONFUSED = [1, 3, 10, 30, 100]

/** Capacities of the map: as the node sets them, and steeper ones such as Advogato's own. */
const CAPACITIES = [DEFAULT_CAPACITIES, [800, 200, 50, 12, 4, 2, 1]]

export const ADVOGATO: Validation = {
  name: 'advogato',
  title: 'False accounts that a trust map lets in',
  source: 'Levien: "Attack-resistant trust metrics", 2003 (Advogato); network: KONECT',
  conditions: `The node's own trust metric, 1 to 100 confused accounts that vouch for ${VOUCHES} of ${BAD} bad ones each, the bad for each other; ${QUICK_TRIALS} (quick) or ${TRIALS} trials with a root, confused accounts and bad certificates drawn anew, half with each of two sets of capacities, every third time with those confused that are nearest to the root. The bound is the sum over the confused of their capacity less one.`,
  check
}

function check({ isQuick, data }: ValidationSetup): Check[] {
  const trials = isQuick ? QUICK_TRIALS : TRIALS
  const network = data[NETWORK]
  const stream = new Streams(1).stream('trials')

  return [
    network == null
      ? {
          what: 'bad accounts accepted, Advogato network',
          published: 'at most the bound',
          ours: '',
          tolerance: '',
          verdict: 'left out' as const,
          note: `${NETWORK} is not in the folder of --data`
        }
      : checkOf('Advogato network', trials, stream, always(parseKonect(network))),
    checkOf('generated networks', trials, stream, trial =>
      generateCertificates(GENERATED[trial % GENERATED.length]!, CERTIFICATES, stream)
    )
  ]
}

function checkOf(
  where: string,
  trials: number,
  stream: RandomStream,
  certificates: (trial: number) => Certificates
): Check {
  const results = Array.from({ length: trials }, (_, trial) => {
    const graph = certificates(trial)
    const [root = 0] = graph.edges[stream.below(graph.edges.length)] ?? []
    const count = CONFUSED[trial % CONFUSED.length]!
    const confused =
      trial % 3 === 0
        ? nearRoot(graph, root, count)
        : Array.from({ length: count }, () => stream.below(graph.accounts))
    const capacities = CAPACITIES[trial % CAPACITIES.length]!

    return attack(graph, { root, capacities, bad: BAD, confused, vouches: VOUCHES }, stream)
  })
  const over = results.filter(({ badAccepted, bound }) => badAccepted > bound).length
  const sum = (name: 'badAccepted' | 'bound'): number =>
    results.reduce((total, result) => total + result[name], 0)

  return {
    what: `bad accounts accepted, ${where}`,
    published: `at most the bound, always (${sum('bound')} in all trials)`,
    ours: `${sum('badAccepted')} in ${trials} trials, above the bound in ${over}; at the bound in ${results.filter(({ badAccepted, bound }) => badAccepted === bound && bound > 0).length}`,
    tolerance: 'none',
    verdict: verdict(over === 0)
  }
}

function always<T>(value: T): () => T {
  return () => value
}
