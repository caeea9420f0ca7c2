import type { Gateway } from '../../http-gateway/index.ts'
import { formatAddress, type FullAddress } from '../../identity/index.ts'
import { ask } from '../http-gateway/client.ts'
import { hostOf, newGateway, recordOf, resolutionOf } from '../http-gateway/fixture.ts'
import { newContent, signedFolder, type Files } from '../http-gateway/verified/fixture.ts'
import { startDelayedPath, type DelayedPath } from './delayed-path.ts'
import { newPerson } from './identities.ts'

interface Teardown {
  teardown(act: () => void | Promise<void>): void
}

/** A reader and mirrors of a site whose publisher is gone, each mirror at the end of a line of its own. */
export interface FarMirrors {
  readonly reader: Gateway
  /** Of the site: the Host field. */
  readonly host: string
  /** In the order of the round trips. */
  readonly paths: readonly DelayedPath[]
}

/** @param roundTrips in ms; the reader has measured them, and hears of the mirrors in this order */
export async function startFarMirrors(
  t: Teardown,
  files: Files,
  roundTrips: readonly number[]
): Promise<FarMirrors> {
  const [publisher, reader, ...persons] = await Promise.all([
    newPerson(),
    newPerson(),
    ...roundTrips.map(async () => newPerson())
  ])
  const folder = await signedFolder(publisher, files)
  const mirrors = await Promise.all(
    persons.map(async ({ identity }, index) => {
      const mirror = await newGateway(t, identity, {
        mirrored: async cid => folder.tree.block(cid),
        mirroredSite: () => folder.site
      })

      await mirror.listen()

      const roundTrip = roundTrips[index] ?? 0

      return { identity, roundTrip, path: await startDelayedPath(t, mirror.https[0], roundTrip) }
    })
  )
  const byAddress = new Map(mirrors.map(mirror => [formatAddress(mirror.identity.address), mirror]))
  const mirrorAt = (address: FullAddress): (typeof mirrors)[number] | undefined =>
    byAddress.get(formatAddress(address))
  const gateway = await newGateway(t, reader.identity, {
    resolve: async ({ uuid, fp }) => {
      const mirror = fp === undefined ? undefined : mirrorAt({ uuid, fp })

      return resolutionOf(
        recordOf(
          mirror?.identity ?? publisher.identity,
          mirror === undefined ? [] : [mirror.path.url]
        )
      )
    },
    content: async () => ({
      ...newContent(),
      network: {
        routingTableSize: () => 1,
        nearby: async () => folder.site.bytes,
        get: async function* () {
          yield folder.site.bytes
        }
      },
      standingOf: address => ({ roundTrip: mirrorAt(address)?.roundTrip ?? 0, trust: 0 }),
      findMirrors: async function* () {
        for (const { identity } of mirrors) yield { address: identity.address, trust: 0 }
      }
    })
  })

  await gateway.listen()

  return {
    reader: gateway,
    host: hostOf(publisher.identity),
    paths: mirrors.map(({ path }) => path)
  }
}

/** What each path brought while a document was read. */
export async function readFromFar(
  { reader, host, paths }: FarMirrors,
  path: string
): Promise<{ readonly status: number; readonly body: Buffer; readonly brought: number[] }> {
  const before = paths.map(({ bytes }) => bytes)
  const { status, body } = await ask(reader.http[0], path, { host })

  return { status, body, brought: paths.map(({ bytes }, index) => bytes - (before[index] ?? 0)) }
}
