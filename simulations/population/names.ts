import { formatAddress, parseFullAddress, type FullAddress } from '../../identity/address.ts'

/** Characters of a key's part of an address. */
const FP_LENGTH = 26

/** The digits of base32, as addresses have them. */
const DIGITS = 'abcdefghijklmnopqrstuvwxyz234567'

/** Full addresses for numbers, and the numbers back: the node's own rules go by addresses. */
export class Names {
  readonly #addresses: readonly FullAddress[]
  readonly #numbers = new Map<string, number>()

  constructor(count: number) {
    this.#addresses = Array.from({ length: count }, (_, number) => addressOf(number))
    for (const [number, address] of this.#addresses.entries()) {
      this.#numbers.set(formatAddress(address), number)
    }
  }

  address(number: number): FullAddress {
    return this.#addresses[number]!
  }

  number(party: string): number | undefined {
    return this.#numbers.get(party)
  }
}

function addressOf(number: number): FullAddress {
  const digits = Array.from(
    { length: FP_LENGTH },
    (_, place) => DIGITS[Math.floor(number / 32 ** Math.min(place, 9)) % 32]
  )

  return parseFullAddress(
    `00000000-0000-1000-8000-${number.toString(16).padStart(12, '0')}.${digits.join('')}`
  )
}
