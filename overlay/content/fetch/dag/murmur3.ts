/**
 * The first 64 bits of MurmurHash3 x64 128 with seed 0, by which UnixFS spreads names over the shards of a folder.
 * Not a hash that protects anything.
 *
 * Source: github.com/aappleby/smhasher, MurmurHash3.cpp (public domain), described at specs.ipfs.tech/unixfs
 */
export function murmur3(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blocks = bytes.length >> 4
  let h1 = 0n
  let h2 = 0n

  for (let at = 0; at < blocks * 16; at += 16) {
    h1 ^= mix1(view.getBigUint64(at, true))
    h1 = u64(u64(rotate(h1, 27n) + h2) * 5n + 0x52dce729n)
    h2 ^= mix2(view.getBigUint64(at + 8, true))
    h2 = u64(u64(rotate(h2, 31n) + h1) * 5n + 0x38495ab5n)
  }

  const tail = bytes.subarray(blocks * 16)

  h2 ^= mix2(littleEndian(tail.subarray(8)))
  h1 ^= mix1(littleEndian(tail.subarray(0, 8)))

  const length = BigInt(bytes.length)

  h1 ^= length
  h2 ^= length
  h1 = u64(h1 + h2)
  h2 = u64(h2 + h1)

  return u64(finish(h1) + finish(h2))
}

const C1 = 0x87c37b91114253d5n
const C2 = 0x4cf5ad432745937fn

function mix1(k: bigint): bigint {
  return u64(rotate(u64(k * C1), 31n) * C2)
}

function mix2(k: bigint): bigint {
  return u64(rotate(u64(k * C2), 33n) * C1)
}

function finish(h: bigint): bigint {
  const once = u64((h ^ (h >> 33n)) * 0xff51afd7ed558ccdn)
  const twice = u64((once ^ (once >> 33n)) * 0xc4ceb9fe1a85ec53n)

  return twice ^ (twice >> 33n)
}

function rotate(value: bigint, bits: bigint): bigint {
  return u64(value << bits) | (value >> (64n - bits))
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value)
}
