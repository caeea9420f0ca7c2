import { join } from 'node:path'
import type { Configuration } from '../config.ts'
import type { GatewayOptions, MirrorPolicyJson } from '../http-gateway/index.ts'
import type { NodeOptions } from './api.ts'
import type { Network } from './network.ts'
import type { Places } from './places.ts'

interface Parts {
  readonly places: () => Pick<Places, 'isPrivate'>
  /** Undefined until it runs. */
  readonly network: () => Pick<Network, 'trust'> | undefined
}

/** By what rules agreements with mirrors of the own site are made. */
export function agreementSettings(
  { directories, configuration }: Pick<NodeOptions, 'directories' | 'configuration'>,
  { places, network }: Parts
): NonNullable<GatewayOptions['agreements']> {
  const { servers, privateAddresses } = configuration.mirrors

  return {
    directory: join(directories.data, 'mirrors'),
    trustOf: node => network()?.trust.level('mirror', node) ?? 0,
    allowPrivate: () => privateAddresses || places().isPrivate,
    named: servers.map(uri => ({ uri, prefix: '/', isConfigured: true }))
  }
}

/** The standing order of the configuration. */
export function mirrorPolicy({ mirrors }: Configuration): MirrorPolicyJson | undefined {
  const { trusted, quota } = mirrors

  return trusted === undefined ? undefined : { trusted, quota }
}
