import { hash } from 'node:crypto'
import test from 'ava'
import { nearestPeers } from '../../overlay/dht/nearest.ts'

const key = new TextEncoder().encode('/plexnet/node/x/y')
const peers = Array.from({ length: 50 }, (_, index) => new Uint8Array([index]))
const itself = (peer: Uint8Array): Uint8Array => peer

test('peers come in the order of the XOR distance of the hashes', t => {
  const distance = (peer: Uint8Array): bigint =>
    BigInt(`0x${hash('sha256', peer)}`) ^ BigInt(`0x${hash('sha256', key)}`)
  const found = nearestPeers(key, peers, itself, 5).map(distance)
  const expected = peers
    .map(distance)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .slice(0, 5)

  t.deepEqual(found, expected)
})

test('fewer peers than asked for are all there are', t => {
  t.is(nearestPeers(key, peers.slice(0, 2), itself, 5).length, 2)
  t.deepEqual(nearestPeers(key, [], itself, 5), [])
})
