import { InvalidRequestError } from '../errors.ts'
import { membersOf, textOf } from '../members.ts'

/** @throws InvalidRequestError */
export function readNaming(body: unknown): {
  name: string
  address: string
  shelf: 'own' | 'published'
} {
  return { ...readShelved(body), address: textOf(body, 'address') }
}

/** @throws InvalidRequestError */
export function readShelved(body: unknown): { name: string; shelf: 'own' | 'published' } {
  const { shelf } = membersOf(body)

  if (shelf !== 'own' && shelf !== 'published') {
    throw new InvalidRequestError('the request needs a "shelf", "own" or "published"')
  }

  return { name: textOf(body, 'name'), shelf }
}
