import {
  renewTls,
  unlockAuthority,
  type Authority,
  type Identity,
  type TlsMaterial
} from '../identity/index.ts'
import { AuthorityLockedError } from './trust-errors.ts'

export interface AuthorityKeeperOptions {
  /** Where the identity's files are. */
  readonly directory: string
  readonly identity: Identity
  /** What the TLS certificate is to be good for just now. */
  readonly names: () => { readonly ips: string[]; readonly hosts: string[] }
  readonly onRenewed: (tls: TlsMaterial) => void
}

/** The authority key, once it is open, and the TLS certificate that it keeps current. */
export class AuthorityKeeper {
  readonly #options: AuthorityKeeperOptions
  #authority: Authority | undefined
  #tlsExpires: number

  constructor(options: AuthorityKeeperOptions) {
    this.#options = options
    this.#tlsExpires = options.identity.tls.notAfter
  }

  get isLocked(): boolean {
    return this.#authority == null
  }

  /** @throws {AuthorityLockedError} */
  get authority(): Authority {
    if (this.#authority == null) throw new AuthorityLockedError()

    return this.#authority
  }

  /** ms since the epoch */
  get tlsExpires(): number {
    return this.#tlsExpires
  }

  /** @throws {WrongPassphraseError} */
  async unlock(passphrase: string): Promise<Authority> {
    const { directory, identity } = this.#options

    this.#authority = await unlockAuthority(directory, identity, passphrase)
    await this.renew()

    return this.#authority
  }

  /** Issues a new TLS certificate where the old one runs out or lacks a name, if the key is open. */
  async renew(): Promise<void> {
    if (this.#authority == null) return

    const { directory, identity, names, onRenewed } = this.#options
    const renewed = await renewTls(directory, identity, this.#authority, {
      now: Date.now(),
      ...names()
    })

    if (renewed == null) return

    this.#tlsExpires = renewed.notAfter
    onRenewed(renewed)
  }
}
