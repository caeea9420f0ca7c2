import type { FastifyBaseLogger } from 'fastify'
import type { FullAddress } from '../../identity/index.ts'
import type { TrustLevel } from '../../identity/trust/domain.ts'
import type { NamedServer } from '../../overlay/agreements/index.ts'
import type { HttpGet } from '../../overlay/content/fetch/index.ts'
import type { OwnTree } from '../../overlay/content/index.ts'
import type { PutToNode } from './pushing/service.ts'
import type { GatewayLimits } from '../config.ts'

/** What the rest of the node gives; without it no agreements are made. */
export interface AgreementSettings {
  /** Where they are kept. */
  readonly directory: string
  readonly trustOf: (node: FullAddress) => TrustLevel
  /** Mirrors may have addresses of this machine and of private networks. */
  readonly allowPrivate: () => boolean
  /** Servers with a copy that the owner has named. */
  readonly named: readonly NamedServer[]
}

export interface AgreementsOptions {
  readonly settings: AgreementSettings | undefined
  readonly own: FullAddress
  readonly ownTree: () => OwnTree | undefined
  readonly nodeGetter: (address: FullAddress) => HttpGet
  readonly put: PutToNode
  readonly limits: GatewayLimits
  readonly logger: FastifyBaseLogger
  /** Nothing but files answers below a path. */
  readonly isStatic: (prefix: string) => boolean
}
