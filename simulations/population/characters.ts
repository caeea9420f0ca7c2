import type { RandomStream } from '../engine/random.ts'
import { numberOf, type Parameter, type Values } from '../scenario.ts'

/** honest: keeps to the rules and trusts with care; confused: keeps to the rules and vouches for whoever asks; malicious: does what harms most. */
export type Character = 'honest' | 'confused' | 'malicious'

/** The parameters of every scenario whose nodes are not all alike. */
export const CHARACTER_PARAMETERS = {
  confused: {
    description: 'nodes that keep to the rules and vouch for malicious ones',
    unit: 'share',
    default: '2%',
    most: 0.5
  },
  malicious: {
    description: 'nodes that do what harms most',
    unit: 'share',
    default: '10%',
    most: 0.9
  }
} as const satisfies Record<string, Parameter>

/** What cannot be together, or undefined. */
export function checkCharacters(values: Values): string | undefined {
  return numberOf(values, 'confused') + numberOf(values, 'malicious') > 1
    ? 'confused and malicious together are at most all'
    : undefined
}

/** Who of the nodes is what: shares are met to the node, and who they are is drawn. */
export class Characters {
  readonly nodes: number
  readonly #of: readonly Character[]

  constructor(
    nodes: number,
    shares: { readonly confused: number; readonly malicious: number },
    stream: RandomStream
  ) {
    const malicious = Math.round(shares.malicious * nodes)
    const confused = Math.min(nodes - malicious, Math.round(shares.confused * nodes))
    const drawn: Character[] = [
      ...Array<Character>(malicious).fill('malicious'),
      ...Array<Character>(confused).fill('confused'),
      ...Array<Character>(nodes - malicious - confused).fill('honest')
    ]

    shuffle(drawn, stream)
    this.nodes = nodes
    this.#of = drawn
  }

  of(node: number): Character {
    return this.#of[node]!
  }

  isMalicious(node: number): boolean {
    return this.#of[node] === 'malicious'
  }

  /** Nodes of one character, in ascending order. */
  all(character: Character): number[] {
    return this.#of.flatMap((one, node) => (one === character ? [node] : []))
  }

  /** Honest and confused ones. */
  get wellMeaning(): number[] {
    return this.#of.flatMap((one, node) => (one === 'malicious' ? [] : [node]))
  }
}

function shuffle(items: Character[], stream: RandomStream): void {
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = stream.below(index + 1)
    const item = items[index]!

    items[index] = items[other]!
    items[other] = item
  }
}
