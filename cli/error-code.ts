/** Whether it is an error with this `code`, Node's own or one of ours. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
