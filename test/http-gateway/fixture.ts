import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import pino from 'pino'
import type { Resolution, VerifiedRecord } from '../../discovery/index.ts'
import { createGateway, type Gateway, type GatewayOptions } from '../../http-gateway/index.ts'
import { createIdentity, type Identity } from '../../identity/index.ts'

/** A directory that ends with the test. */
export async function temporaryDirectory(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'plexnet-gateway-'))

  t.teardown(async () => rm(directory, { recursive: true, force: true }))

  return directory
}

export async function newIdentity(t: ExecutionContext): Promise<Identity> {
  return createIdentity(join(await temporaryDirectory(t), 'identity'), {
    passphrase: 'correct horse battery staple',
    privateId: true,
    kdfIterations: 1
  })
}

/** A gateway on free loopback ports that knows no other node, unless told otherwise. */
export async function newGateway(
  t: ExecutionContext,
  identity: Identity,
  options: Partial<GatewayOptions> = {}
): Promise<Gateway> {
  const gateway = createGateway({
    identity,
    tls: identity.tls,
    bind: [],
    httpPort: 0,
    httpsPort: 0,
    publicGateway: false,
    logger: pino({ level: 'silent' }),
    resolve: async () => Promise.reject(new Error('no other node is known')),
    openStream: async () => Promise.reject(new Error('no stream')),
    nodeRecord: () => undefined,
    seedAnswer: () => undefined,
    ...options
  })

  t.teardown(async () => gateway.close())

  return gateway
}

export function recordOf(
  identity: Identity,
  endpoints: readonly string[],
  seq = 1
): VerifiedRecord {
  return {
    uuid: identity.uuid,
    certificate: identity.certificate,
    libp2pKey: identity.libp2pKey.publicKey,
    multiaddrs: [],
    endpoints,
    seq,
    issued: 0,
    expires: Number.MAX_SAFE_INTEGER,
    capabilities: [],
    keyHash: identity.keyHash,
    address: identity.address,
    bytes: new Uint8Array()
  }
}

export function resolutionOf(
  record: VerifiedRecord,
  source: Resolution['source'] = 'memory'
): Resolution {
  return {
    record,
    source,
    assurance: 'self-certifying',
    learnt: 0,
    stale: false,
    trail: [{ step: 'record', outcome: 'ok', detail: 'The record was kept.' }]
  }
}
