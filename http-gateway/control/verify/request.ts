import { InvalidRequestError } from '../errors.ts'

export interface VerifyRequestBody {
  readonly address: string
  readonly sources: readonly string[]
}

/** @throws InvalidRequestError */
export function readVerify(body: unknown): VerifyRequestBody {
  const { address, sources = [] }: Partial<Record<keyof VerifyRequestBody, unknown>> =
    typeof body === 'object' && body != null ? body : {}

  if (typeof address !== 'string' || address === '') {
    throw new InvalidRequestError('the request needs a text named "address"')
  }
  if (!Array.isArray(sources) || !sources.every(source => typeof source === 'string')) {
    throw new InvalidRequestError('the request needs a list of texts named "sources"')
  }

  return { address, sources }
}
