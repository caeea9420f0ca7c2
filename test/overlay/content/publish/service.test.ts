import test from 'ava'
import { access, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import type { RecordNetwork } from '../../../../discovery/index.ts'
import { ed25519Signer, openSiteRecord, siteKey } from '../../../../overlay/content/index.ts'
import { isCurrent, nextRecord } from '../../../../overlay/content/publish/next-record.ts'
import {
  SitePublisher,
  type SitePublisherOptions
} from '../../../../overlay/content/publish/service.ts'
import { SiteRecordFile } from '../../../../overlay/content/publish/store.ts'
import type { VerifiedSite } from '../../../../overlay/content/site-record.ts'
import { newPerson, temporaryDirectory, type Teardown } from '../../../helpers/identities.ts'
import { recordOf } from '../../../helpers/records.ts'
import { rootOf, siteOf } from '../../../helpers/site-records.ts'

const DAY = 86_400_000
const [alice, bob] = await Promise.all([newPerson(), newPerson()])
const ONE = rootOf('one')
const TWO = rootOf('two')

interface Fixture {
  readonly publisher: SitePublisher
  readonly path: string
  readonly signed: VerifiedSite[]
  readonly remembered: VerifiedSite[]
  readonly puts: { key: string; value: Uint8Array }[]
  readonly warnings: string[]
  readonly put: Promise<void>
}

async function newPublisher(
  t: Teardown,
  changes: Partial<SitePublisherOptions> = {},
  path?: string
): Promise<Fixture> {
  const file = path ?? join(await temporaryDirectory(t), 'site-record')
  const put = Promise.withResolvers<undefined>()
  const puts: Fixture['puts'] = []
  const signed: VerifiedSite[] = []
  const remembered: VerifiedSite[] = []
  const warnings: string[] = []
  const network: Pick<RecordNetwork, 'put' | 'routingTableSize'> = {
    routingTableSize: () => 1,
    put: async (key, value) => {
      puts.push({ key, value })
      put.resolve(undefined)

      return { stored: 3 }
    }
  }
  const publisher = new SitePublisher({
    address: alice.identity.address,
    sign: ed25519Signer(alice.identity.libp2pKey.seed),
    nodeRecord: () => recordOf(alice).bytes,
    file: new SiteRecordFile(file),
    network,
    remember: async site => {
      remembered.push(site)
    },
    lifetime: 30 * DAY,
    interval: DAY,
    onSigned: site => signed.push(site),
    onAnnounced: () => undefined,
    onWarning: message => warnings.push(message),
    ...changes
  })

  t.teardown(() => publisher.stop())
  await publisher.open()

  return { publisher, path: file, signed, remembered, puts, warnings, put: put.promise }
}

// C2, C11: what is signed is what readers and mirrors verify.
test('a root is signed, on the disk before anybody hears of it, and put under its key', async t => {
  const onDisk: boolean[] = []
  const site = await newPublisher(t, {
    remember: async () => {
      onDisk.push(
        await access(site.path).then(
          () => true,
          () => false
        )
      )
    }
  })

  await site.publisher.publish(ONE)
  await site.put

  const [put] = site.puts
  const opened = openSiteRecord(put?.value ?? new Uint8Array(), {
    address: alice.identity.address,
    now: Date.now()
  })

  t.deepEqual(onDisk, [true])
  t.is(put?.key, siteKey(alice.identity.address))
  t.true(opened.root.equals(ONE))
  t.is(opened.expires - opened.issued, 30 * DAY)
  t.is(site.publisher.site?.seq, opened.seq)
  t.deepEqual(new Uint8Array(await readFile(site.path)), opened.bytes)
})

test('the same root is signed once, also after a restart', async t => {
  const first = await newPublisher(t)

  await first.publisher.publish(ONE)
  await first.publisher.publish(ONE)
  await first.publisher.refresh()
  t.is(first.signed.length, 1)

  const second = await newPublisher(t, {}, first.path)

  await second.publisher.publish(ONE)
  t.is(second.signed.length, 0)
  t.is(second.publisher.site?.seq, first.publisher.site?.seq)
  t.deepEqual(
    second.remembered.map(({ seq }) => seq),
    [first.publisher.site?.seq]
  )
})

test('another root has a higher number and names the one before', async t => {
  const { publisher, signed } = await newPublisher(t)

  await Promise.all([publisher.publish(ONE), publisher.publish(TWO)])
  await publisher.publish(ONE)
  t.true(signed.every((site, at) => at === 0 || site.seq > (signed[at - 1]?.seq ?? 0)))
  t.true(signed.at(-1)?.previous?.equals(TWO))
})

test('a number is never used twice, though the clock goes back between two runs', async t => {
  const path = join(await temporaryDirectory(t), 'site-record')
  const ahead = Date.now() + DAY
  const before = siteOf(alice, ONE, { seq: ahead, issued: ahead, expires: ahead + DAY })

  await writeFile(path, before.bytes)

  const { publisher } = await newPublisher(t, {}, path)

  await publisher.publish(TWO)
  t.is(publisher.site?.seq, ahead + 1)
  t.true((publisher.site?.issued ?? 0) < ahead)
})

test('without a record of the node nothing is signed until there is one', async t => {
  const node: Uint8Array[] = []
  const { publisher, signed, warnings } = await newPublisher(t, { nodeRecord: () => node[0] })

  await publisher.publish(ONE)
  await publisher.refresh()
  t.is(signed.length, 0)
  t.is(warnings.length, 1)
  t.regex(warnings[0] ?? '', /plexnet unlock/)
  t.is(publisher.failure, warnings[0])
  node.push(recordOf(alice).bytes)
  await publisher.refresh()
  t.is(signed.length, 1)
  t.is(publisher.failure, undefined)
})

test('what readers would refuse is not told', async t => {
  const old = recordOf(alice, { issued: Date.now() - 20 * DAY, expires: Date.now() - 9 * DAY })
  const { publisher, puts, warnings } = await newPublisher(t, { nodeRecord: () => old.bytes })

  await publisher.publish(ONE)
  t.is(publisher.site, undefined)
  t.is(puts.length, 0)
  t.regex(warnings[0] ?? '', /was not valid/)
})

test('a disk that takes no record leaves the one before', async t => {
  const file = new SiteRecordFile('/dev/null/record')
  const { publisher, puts, warnings } = await newPublisher(t, { file })

  await publisher.publish(ONE)
  t.is(publisher.site, undefined)
  t.is(puts.length, 0)
  t.regex(warnings[0] ?? '', /could not be signed/)
})

for (const [name, bytes] of [
  ['noise', Buffer.from('noise')],
  ['the record of another node', siteOf(bob, ONE).bytes]
] as const) {
  test(`${name} in the file of the record is left aside`, async t => {
    const path = join(await temporaryDirectory(t), 'site-record')

    await writeFile(path, bytes)

    const { publisher, warnings } = await newPublisher(t, {}, path)

    t.is(publisher.site, undefined)
    t.regex(warnings[0] ?? '', /left aside/)
    await publisher.publish(ONE)
    t.true(publisher.site?.root.equals(ONE))
  })
}

const RECORDS: [name: string, root: CID, issued: number, expires: number, current: boolean][] = [
  ['of this root, with more than half its life before it', ONE, -10, 20, true],
  ['of this root, half its life over', ONE, -10, 10, false],
  ['of this root, expired', ONE, -20, -10, false],
  ['of this root, issued by a clock that was ahead', ONE, 5, 20, false],
  ['of another root', TWO, -10, 20, false]
]

for (const [name, root, issued, expires, current] of RECORDS) {
  test(`a record ${name} is ${current ? '' : 'not '}current`, t => {
    const { uuid } = alice.identity
    const now = Date.now()

    t.is(
      isCurrent({ uuid, seq: 1, root, issued: now + issued, expires: now + expires }, ONE, now),
      current
    )
  })
}

test('renewing a record keeps what it says came before', t => {
  const { uuid } = alice.identity
  const first = nextRecord(uuid, ONE, undefined, 1000, DAY)
  const second = nextRecord(uuid, TWO, first, 1000, DAY)
  const third = nextRecord(uuid, TWO, second, 500, DAY)

  t.deepEqual([first.seq, second.seq, third.seq], [1000, 1001, 1002])
  t.is(first.previous, undefined)
  t.true(third.previous?.equals(ONE))
})
