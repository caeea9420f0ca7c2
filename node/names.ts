import type { NamedNode, Resolution } from '../discovery/index.ts'
import type { NameKeeper } from '../discovery/names/service.ts'
import type { NameControl, NamedJson, NameJson, NameList } from '../http-gateway/index.ts'
import {
  formatAddress,
  InvalidAddressError,
  parseAddress,
  type FullAddress,
  type NodeAddress
} from '../identity/index.ts'
import type { NameBook } from '../identity/names/index.ts'

export interface NodeNamesOptions {
  readonly keeper: () => Promise<NameKeeper>
  readonly resolve: (address: NodeAddress) => Promise<Resolution>
}

type Shelf = 'own' | 'published'

/** What the owner calls other nodes, and what it publishes for others to call them (A43). */
export class NodeNames implements NameControl {
  readonly #options: NodeNamesOptions

  constructor(options: NodeNamesOptions) {
    this.#options = options
  }

  /** A name always means a key: that of a bare UUID is looked up once, now. */
  async add(label: string, address: string, shelf: Shelf): Promise<NameJson> {
    const keeper = await this.#options.keeper()
    const named = await this.addressOf(address)
    const subject = await this.#keyOf(named)
    const book = shelf === 'own' ? keeper.own : keeper.published
    const { suspicionOf } = await import('../identity/names/look-alike.ts')
    const name = await keeper.set(shelf, label, subject)
    const suspicion = suspicionOf(name, [...book.keys(), ...keeper.own.keys()])

    return { name, address: formatAddress(subject), ...(suspicion == null ? {} : { suspicion }) }
  }

  async remove(label: string, shelf: Shelf): Promise<void> {
    await (await this.#options.keeper()).set(shelf, label, undefined)
  }

  async list(): Promise<NameList> {
    const keeper = await this.#options.keeper()

    return { own: listed(keeper.own), published: listed(keeper.published) }
  }

  async resolve(name: string): Promise<NamedJson> {
    const keeper = await this.#options.keeper()
    const { address, steps } = await keeper.resolve(name)
    const [first] = steps
    const { suspicionOf } = await import('../identity/names/look-alike.ts')
    const suspicion =
      first == null || first.by.includes('own')
        ? undefined
        : suspicionOf(first.label, keeper.own.keys())

    return {
      name,
      address: formatAddress(address),
      steps,
      ...(suspicion == null ? {} : { suspicion })
    }
  }

  /** As `NameKeeper.resolve`. */
  async find(name: string, options: { readonly signal?: AbortSignal }): Promise<NamedNode> {
    return (await this.#options.keeper()).resolve(name, options)
  }

  /**
   * What a person typed: an address, or a name for one.
   *
   * @throws {InvalidAddressError | InvalidNameError | NameNotFoundError | AmbiguousNameError}
   */
  async addressOf(text: string): Promise<NodeAddress> {
    try {
      return parseAddress(text)
    } catch (error) {
      if (!(error instanceof InvalidAddressError) || looksLikeAddress(text)) throw error

      return (await this.find(text, {})).address
    }
  }

  async #keyOf({ uuid, fp }: NodeAddress): Promise<FullAddress> {
    return fp == null ? (await this.#options.resolve({ uuid })).record.address : { uuid, fp }
  }
}

function listed(book: NameBook): NameJson[] {
  return [...book].map(([name, address]) => ({ name, address: formatAddress(address) }))
}

/** A UUID with a typing error is no name. */
function looksLikeAddress(text: string): boolean {
  return /^[0-9a-f]{8}-/i.test(text)
}
