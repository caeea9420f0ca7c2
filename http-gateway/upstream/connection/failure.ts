import type { Step } from '../../../discovery/index.ts'

/** Why no connection to a node came about, endpoint by endpoint. */
export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure'
  readonly steps: readonly Step[]

  constructor(steps: readonly Step[]) {
    super(steps.map(({ detail }) => detail).join(' '))
    this.steps = steps
  }

  /** Something answered that is not the node. */
  get isCertificate(): boolean {
    return this.steps.some(({ step, outcome }) => step === 'certificate' && outcome === 'failed')
  }
}

const EXPLAINED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to this address from here',
  ENETUNREACH: 'there is no way to this network from here',
  ETIMEDOUT: 'no answer',
  TimeoutError: 'no answer in time',
  CERT_HAS_EXPIRED: 'its certificate has expired, or the clock of this machine is ahead',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet, or the clock of this machine is behind',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another node'
}

/** The cause of a failed connection in words, with the system's name for it. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) {
    return 'unknown failure'
  }

  const name = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  const words = EXPLAINED[name]

  return words === undefined ? error.message : `${words} (${name})`
}
