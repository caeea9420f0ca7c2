import type { Gateway } from '../../http-gateway/index.ts'
import { formatAddress } from '../../identity/index.ts'
import { SiblingLedger } from '../../overlay/content/siblings/index.ts'
import { hostOf, newGateway, recordOf, resolutionOf } from '../http-gateway/fixture.ts'
import {
  newContent,
  ownTreeOf,
  signedFolder,
  type Files
} from '../http-gateway/verified/fixture.ts'
import { startDelayedPath } from './delayed-path.ts'
import { newPerson } from './identities.ts'

interface Teardown {
  teardown(act: () => void | Promise<void>): void
}

/** A publisher at the end of a long line, and readers that are near to each other. */
export interface FarPublisher {
  /** Of the site: the Host field. */
  readonly host: string
  /** A node that reads for itself and asks nobody. */
  readonly sibling: Gateway
  /** A new reader, which asks the sibling first where it is to. */
  reader(asks: boolean): Promise<{ readonly gateway: Gateway; readonly ledger: SiblingLedger }>
}

/** @param far round trip to the publisher, and `near` between readers, in ms, which they have measured */
export async function startFarPublisher(
  t: Teardown,
  files: Files,
  { far, near }: { readonly far: number; readonly near: number }
): Promise<FarPublisher> {
  const [publisher, other, person] = await Promise.all([newPerson(), newPerson(), newPerson()])
  const folder = await signedFolder(publisher, files)
  const origin = await newGateway(t, publisher.identity, { ownTree: () => ownTreeOf(folder) })

  await origin.listen()

  const line = await startDelayedPath(t, origin.https[0], far)
  const published = resolutionOf(recordOf(publisher.identity, [line.url]))
  const content = newContent()
  const sibling = await newGateway(t, other.identity, {
    resolve: async () => published,
    content: async () => content
  })

  await sibling.listen()

  const nearLine = await startDelayedPath(t, sibling.https[0], near)
  const offered = resolutionOf(recordOf(other.identity, [nearLine.url]))

  return {
    host: hostOf(publisher.identity),
    sibling,
    reader: async asks => {
      const ledger = new SiblingLedger()
      const gateway = await newGateway(t, person.identity, {
        resolve: async ({ fp }) => (fp === other.identity.address.fp ? offered : published),
        content: async () => ({
          ...newContent(),
          standingOf: address => ({
            roundTrip:
              formatAddress(address) === formatAddress(publisher.identity.address) ? far : near,
            trust: 0
          }),
          ...(asks
            ? {
                siblings: {
                  list: () => [{ address: other.identity.address, roundTrip: near }],
                  ledger
                }
              }
            : {})
        })
      })

      await gateway.listen()

      return { gateway, ledger }
    }
  }
}
