/** The client wanted a stored answer or none. */
export class NotStoredError extends Error {
  override readonly name = 'NotStoredError'
  readonly code = 'PLEXNET_NOT_STORED'

  constructor() {
    super(
      'The request asks for a stored answer or none (only-if-cached), and none is stored here that may be used. Ask without only-if-cached.'
    )
  }
}
