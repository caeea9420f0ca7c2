/** Nobody who was asked gives this name to anybody. */
export class NameNotFoundError extends Error {
  override readonly name = 'NameNotFoundError'
  readonly code = 'PLEXNET_NAME_NOT_FOUND'
  readonly asked: string

  constructor(asked: string, label: string, friends: number, by?: string) {
    super(
      by == null
        ? `Nobody is known here as ${asked}: it is none of your names, and none of the ${friends} friends who were asked publishes "${label}". Give the name yourself: plexnet name add ${label} <address>`
        : `${asked} means nobody: ${by} publishes no name "${label}".`
    )
    this.asked = asked
  }
}

/** There is no such name to take away. */
export class UnknownNameError extends Error {
  override readonly name = 'UnknownNameError'
  readonly code = 'PLEXNET_NAME_NOT_FOUND'

  constructor(label: string, shelf: 'own' | 'published') {
    super(
      shelf === 'own'
        ? `"${label}" is none of your names. Those that you publish are removed with --publish.`
        : `You publish no name "${label}". Those of your own are removed without --publish.`
    )
  }
}

/** Friends mean different nodes by a name; nobody is guessed at. */
export class AmbiguousNameError extends Error {
  override readonly name = 'AmbiguousNameError'
  readonly code = 'PLEXNET_AMBIGUOUS_NAME'
  readonly meanings: readonly { readonly address: string; readonly by: readonly string[] }[]

  constructor(
    asked: string,
    meanings: readonly { readonly address: string; readonly by: readonly string[] }[]
  ) {
    super(
      `Friends mean different nodes by ${asked}: ${meanings.map(({ address, by }) => `${address} (${by.length} of them)`).join(', ')}. Choose one: plexnet name add <name> <address>`
    )
    this.meanings = meanings
  }
}

/** As many names as one node may give are given. */
export class TooManyNamesError extends Error {
  override readonly name = 'TooManyNamesError'
  readonly code = 'PLEXNET_TOO_MANY_NAMES'

  constructor(max: number) {
    super(`There are ${max} names already, which is as many as may be: take one away first.`)
  }
}

/** A list of names that does not count. */
export class InvalidNameListError extends Error {
  override readonly name = 'InvalidNameListError'
  readonly code = 'PLEXNET_INVALID_NAME_LIST'
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super(`A list of names is refused: ${reason}`, options)
    this.reason = reason
  }
}
