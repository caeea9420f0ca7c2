import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ExecutionContext } from 'ava'
import pino from 'pino'
import { NotFoundError, type Resolution, type VerifiedRecord } from '../../discovery/index.ts'
import { createGateway, type Gateway, type GatewayOptions } from '../../http-gateway/index.ts'
import {
  createIdentity,
  formatLabel,
  type Identity,
  type NodeAddress
} from '../../identity/index.ts'

/** A directory that ends with the test. */
export async function temporaryDirectory(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'plexnet-gateway-'))

  t.teardown(async () => rm(directory, { recursive: true, force: true }))

  return directory
}

/** Identities for a whole test file: their keys take a second or more to make. */
export async function newIdentities<N extends string>(...names: N[]): Promise<Record<N, Identity>> {
  const directory = await mkdtemp(join(tmpdir(), 'plexnet-identities-'))

  try {
    const made = await Promise.all(
      names.map(async name => [
        name,
        await createIdentity(join(directory, name), {
          passphrase: 'correct horse battery staple',
          privateId: true,
          kdfIterations: 1
        })
      ])
    )

    return Object.fromEntries(made) as Record<N, Identity>
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** A gateway on free loopback ports that knows no other node, unless told otherwise. */
export async function newGateway(
  t: Pick<ExecutionContext, 'teardown'>,
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
    resolve: unknownTo,
    openStream: async () => Promise.reject(new Error('no stream')),
    nodeRecord: () => undefined,
    seedAnswer: () => undefined,
    ...options
  })

  t.teardown(async () => gateway.close())

  return gateway
}

/** A gateway that finds one other node at `endpoints`. */
export async function newReader(
  t: ExecutionContext,
  identity: Identity,
  other: Identity,
  endpoints: readonly string[],
  options: Partial<GatewayOptions> = {}
): Promise<Gateway> {
  const gateway = await newGateway(t, identity, {
    resolve: async () => Promise.resolve(resolutionOf(recordOf(other, endpoints))),
    ...options
  })

  await gateway.listen()

  return gateway
}

/** A gateway that publishes files. */
export async function newPublisher(
  t: ExecutionContext,
  identity: Identity,
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Partial<GatewayOptions> = {}
): Promise<Gateway> {
  const folder = await temporaryDirectory(t)
  const gateway = await newGateway(t, identity, options)

  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }

  await gateway.listen()
  await gateway.publish(folder)

  return gateway
}

export function hostOf(identity: Identity): string {
  return `${formatLabel(identity.address)}.localhost`
}

async function unknownTo(address: NodeAddress): Promise<never> {
  return Promise.reject(new NotFoundError(address, []))
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
