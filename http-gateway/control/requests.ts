import { membersOf, textOf } from './members.ts'

/** @throws InvalidRequestError */
export function readFolder(body: unknown): string {
  return textOf(body, 'folder')
}

/** @throws InvalidRequestError */
export function readPassphrase(body: unknown): string {
  return textOf(body, 'passphrase')
}

/** @throws InvalidRequestError */
export function readResolve(body: unknown): { address: string; fresh: boolean } {
  return { address: textOf(body, 'address'), fresh: membersOf(body)['fresh'] === true }
}

export interface FetchRequest {
  readonly address: string
  readonly path: string
  readonly method: 'GET' | 'HEAD'
  readonly headers: Record<string, string>
  readonly identify: boolean
}

/** @throws InvalidRequestError */
export function readFetch(body: unknown): FetchRequest {
  const { method, headers, identify } = membersOf(body)

  return {
    address: textOf(body, 'address'),
    path: textOf(body, 'path'),
    method: method === 'HEAD' ? 'HEAD' : 'GET',
    identify: identify === true,
    headers: Object.fromEntries(
      Object.entries(membersOf(headers ?? {})).map(([name, value]) => [name, String(value)])
    )
  }
}
