/** What went wrong, for a person: of several causes each one once. */
export function errorMessage(error: unknown): string {
  if (error instanceof AggregateError)
    return [...new Set(error.errors.map(errorMessage))].join('; ')

  return error instanceof Error ? error.message : String(error)
}

/** Anything that was thrown, as an Error. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

/** The code of a system's or library's error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
