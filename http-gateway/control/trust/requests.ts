import { InvalidRequestError } from '../errors.ts'
import { membersOf, textOf, textsOf } from '../members.ts'
import type { TrustRequest } from './trust-control.ts'

/** @throws InvalidRequestError */
export function readTrustRequest(body: unknown): TrustRequest {
  const members = membersOf(body)
  const { level, lifetime, fingerprint } = members

  if (typeof level !== 'number' || typeof lifetime !== 'number') {
    throw new InvalidRequestError('the request needs numbers named "level" and "lifetime"')
  }

  return {
    address: textOf(members, 'address'),
    ...(typeof fingerprint === 'string' ? { fingerprint } : {}),
    domains: textsOf(members, 'domains'),
    level,
    lifetime,
    isPrivate: members['isPrivate'] === true
  }
}

/** @throws InvalidRequestError */
export function readTrustRemoval(body: unknown): { address: string; domains: readonly string[] } {
  const members = membersOf(body)

  return { address: textOf(members, 'address'), domains: textsOf(members, 'domains') }
}

/** @throws InvalidRequestError */
export function readTrustQuestion(body: unknown): { address: string; domain: string } {
  const members = membersOf(body)

  return { address: textOf(members, 'address'), domain: textOf(members, 'domain') }
}
