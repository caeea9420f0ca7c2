import { createNode, decode, encode, type PBLink } from '@ipld/dag-pb'
import test from 'ava'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { decodeDagPb, type DagPbNode } from '../../../../overlay/content/fetch/dag/dag-pb.ts'

const SHA2_256 = 0x12
const DAG_PB = 0x70

const cids = fc
  .tuple(
    fc.constantFrom(0, 1),
    fc.constantFrom(0x55, DAG_PB),
    fc.uint8Array({ minLength: 32, maxLength: 32 })
  )
  .map(([version, code, digest]) => {
    const multihash = create(SHA2_256, digest)

    return version === 0 ? CID.createV0(multihash) : CID.createV1(code, multihash)
  })

const nodes = fc.record({
  data: fc.uint8Array({ maxLength: 40 }),
  links: fc.array(
    fc.record({
      Hash: cids,
      Name: fc.string({ maxLength: 20 }),
      Tsize: fc.nat({ max: Number.MAX_SAFE_INTEGER })
    }),
    { maxLength: 12 }
  )
})

const blocks = nodes.map(({ data, links }) => encode(createNode(data, links)))

test('what dag-pb software writes is read as it reads it', t => {
  fc.assert(
    fc.property(blocks, bytes => {
      t.deepEqual(plain(decodeDagPb(bytes)), expected(bytes))
    })
  )
})

test('of a block that was changed in some bytes the same is read, or it is refused', t => {
  fc.assert(
    fc.property(
      blocks,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 4
      }),
      (bytes, changes) => {
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value

        const node = tryRead(bytes)
        const theirs = tryTheirs(bytes)

        if (node != null) t.deepEqual(node, theirs)
        // They read blocks of other kinds, too, and numbers that are no safe integers or longer than they need be.
        else if (theirs != null)
          t.false(theirs.links.every(({ isOurs }) => isOurs) && isCanonical(bytes))
      }
    ),
    { numRuns: 2000 }
  )
})

test('whatever bytes come in, they are read or refused with a reason', t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      tryRead(bytes)
      t.pass()
    }),
    { numRuns: 1000 }
  )
})

test('a block that ends anywhere else is not read as a whole one', t => {
  fc.assert(
    fc.property(blocks, fc.nat(), (bytes, cut) => {
      const part = bytes.subarray(0, cut % (bytes.length + 1))
      const node = tryRead(part)

      if (node != null) t.deepEqual(node, expected(part))
      t.is(node == null, tryTheirs(part) == null)
    })
  )
})

interface Plain {
  readonly data: number[]
  readonly links: readonly {
    readonly cid: string
    readonly name: string
    readonly size: number | undefined
    readonly isOurs: boolean
  }[]
}

function plain({ data, links }: DagPbNode): Plain {
  return {
    data: [...data],
    links: links.map(({ cid, name, size }) => ({ cid: cid.toString(), name, size, isOurs: true }))
  }
}

function expected(bytes: Uint8Array): Plain {
  const { Data, Links } = decode(bytes)

  return { data: [...(Data ?? [])], links: Links.map(linkOf) }
}

function linkOf({ Hash, Name = '', Tsize }: PBLink): Plain['links'][number] {
  const { code, digest } = Hash.multihash

  return {
    cid: Hash.toString(),
    name: Name,
    size: Tsize,
    isOurs:
      code === SHA2_256 && digest.length === 32 && (Hash.code === 0x55 || Hash.code === DAG_PB)
  }
}

/** Whether dag-pb software would write these bytes. */
function isCanonical(bytes: Uint8Array): boolean {
  try {
    return Buffer.from(encode(decode(bytes))).equals(bytes)
  } catch {
    return false
  }
}

function tryRead(bytes: Uint8Array): Plain | undefined {
  try {
    return plain(decodeDagPb(bytes))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error

    return undefined
  }
}

function tryTheirs(bytes: Uint8Array): Plain | undefined {
  try {
    return expected(bytes)
  } catch {
    return undefined
  }
}
