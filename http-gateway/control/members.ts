import { InvalidRequestError } from './errors.ts'

/** The members of a JSON object. @throws InvalidRequestError */
export function membersOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body == null) {
    throw new InvalidRequestError('the request needs a JSON object')
  }

  return Object.fromEntries(Object.entries(body))
}

/** A member that is a text and not empty. @throws InvalidRequestError */
export function textOf(body: unknown, name: string): string {
  const value = membersOf(body)[name]

  if (typeof value !== 'string' || value === '') {
    throw new InvalidRequestError(`the request needs a text named "${name}"`)
  }

  return value
}

/** A member that is a list of texts. @throws InvalidRequestError */
export function textsOf(body: unknown, name: string): string[] {
  const value = membersOf(body)[name]

  if (!Array.isArray(value) || !value.every(each => typeof each === 'string')) {
    throw new InvalidRequestError(`the request needs a list of texts named "${name}"`)
  }

  return value
}
