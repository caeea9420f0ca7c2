import type { NetworkInterfaceInfo } from 'node:os'
import test from 'ava'
import { chooseMac } from '../../../identity/mac/mac.ts'
import { readMac } from '../../../identity/mac/service.ts'

const loopback = address('00:00:00:00:00:00', true)

test('the first real interface gives the address', t => {
  t.deepEqual(
    chooseMac({ lo: [loopback], eth0: [address('00:16:cb:90:e4:dc')] }),
    Uint8Array.of(0x00, 0x16, 0xcb, 0x90, 0xe4, 0xdc)
  )
})

test('an address from a manufacturer comes before one that software made up', t => {
  t.deepEqual(
    chooseMac({ docker0: [address('02:42:ac:11:00:02')], eth0: [address('00:16:cb:90:e4:dc')] }),
    Uint8Array.of(0x00, 0x16, 0xcb, 0x90, 0xe4, 0xdc)
  )
  t.deepEqual(
    chooseMac({ docker0: [address('02:42:ac:11:00:02')] }),
    Uint8Array.of(0x02, 0x42, 0xac, 0x11, 0x00, 0x02)
  )
})

test('tunnels and loopback alone give none', t => {
  t.is(
    chooseMac({ lo: [loopback], tun0: [address('00:00:00:00:00:00')], gone: undefined }),
    undefined
  )
  t.is(chooseMac({}), undefined)
})

test('this machine has an address of six bytes or none', t => {
  t.true([6, undefined].includes(readMac()?.byteLength))
})

function address(mac: string, internal = false): NetworkInterfaceInfo {
  return {
    address: '192.0.2.1',
    netmask: '255.255.255.0',
    family: 'IPv4',
    cidr: '192.0.2.1/24',
    mac,
    internal
  }
}
