import test from 'ava'
import fc from 'fast-check'
import { isTrustless, readTrustless } from '../../../http-gateway/trustless/request.ts'

const CID = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
const CAR = 'application/vnd.ipld.car'

function statusOf(target: string, accept?: string): number | string {
  const read = readTrustless(target, accept)

  return 'problem' in read ? read.problem.status : read.format
}

function withoutCid(target: string, accept?: string): unknown {
  const { cid: _, ...rest } = { cid: undefined, ...readTrustless(target, accept) }

  return rest
}

test('only a path with a CID is one of the trustless gateway', t => {
  t.true(isTrustless(`/ipfs/${CID}`))
  t.true(isTrustless(`/ipfs/${CID}/a/b?format=car`))
  t.true(isTrustless('/ipfs/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG?format=raw'))
  t.false(isTrustless('/ipfs/'))
  t.false(isTrustless('/ipfs/pictures/a.png'))
  t.false(isTrustless(`/other/${CID}`))
})

test('the format comes from the query before it comes from Accept', t => {
  t.is(statusOf(`/ipfs/${CID}?format=raw`, CAR), 'raw')
  t.is(statusOf(`/ipfs/${CID}?format=car`, 'application/vnd.ipld.raw'), 'car')
  t.is(statusOf(`/ipfs/${CID}`, 'application/vnd.ipld.raw'), 'raw')
  t.is(statusOf(`/ipfs/${CID}`, `${CAR};q=0.5, application/vnd.ipld.raw`), 'raw')
  t.is(statusOf(`/ipfs/${CID}`, `${CAR};q=0, application/vnd.ipld.raw`), 'raw')
})

test('a request that names no format that can be verified is refused with the reason', t => {
  t.is(statusOf(`/ipfs/${CID}`), 400)
  t.is(statusOf(`/ipfs/${CID}`, '*/*'), 406)
  t.is(statusOf(`/ipfs/${CID}`, 'text/html'), 406)
  t.is(statusOf(`/ipfs/${CID}?format=tar`), 406)
  t.is(statusOf(`/ipfs/${CID}?format=ipns-record`), 406)
  t.is(statusOf(`/ipfs/${CID}x?format=raw`), 400)
  t.is(statusOf(`/ipfs/${CID}/%E0?format=car`), 400)
  t.is(statusOf(`/ipfs/${CID}/a?format=raw`), 400)
})

test('parameters of an archive are read from the query and the media type', t => {
  t.deepEqual(withoutCid(`/ipfs/${CID}/a%20b//c?format=car`), {
    format: 'car',
    names: ['a b', 'c'],
    scope: 'all',
    bytes: undefined,
    dups: false
  })
  t.deepEqual(withoutCid(`/ipfs/${CID}?dag-scope=block`, `${CAR}; version=1; order=dfs; dups=y`), {
    format: 'car',
    names: [],
    scope: 'block',
    bytes: undefined,
    dups: true
  })
  t.deepEqual(
    withoutCid(`/ipfs/${CID}?format=car&car-dups=n&entity-bytes=-10:*`, `${CAR};dups=y`),
    {
      format: 'car',
      names: [],
      scope: 'entity',
      bytes: { from: -10, to: undefined },
      dups: false
    }
  )

  for (const query of [
    'car-version=2',
    'car-order=bfs',
    'car-dups=x',
    'dag-scope=some',
    'entity-bytes=1',
    'entity-bytes=a:b'
  ]) {
    t.is(statusOf(`/ipfs/${CID}?format=car&${query}`), 400, query)
  }
})

test('whatever stands in a target or in Accept, it is read or refused', t => {
  const odd = fc.oneof(
    fc.string(),
    fc.constantFrom('?format=car', '&entity-bytes=', '%', '/..', ';q=')
  )

  fc.assert(
    fc.property(fc.array(odd), fc.string(), (parts, accept) => {
      const read = readTrustless(`/ipfs/${CID}${parts.join('')}`, accept)

      return 'problem' in read ? read.problem.status >= 400 : read.cid.toString() === CID
    })
  )
  t.pass()
})
