import { encode } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import type { BlockSource } from '../../overlay/content/fetch/index.ts'

export interface ForgedLink {
  readonly cid: CID
  readonly name?: string
  /** What the parent says that the part of the file has, in bytes. */
  readonly size?: number
}

/** Blocks with right hashes whose meaning a hostile owner made up. */
export class ForgedTree {
  readonly blocks = new Map<string, Uint8Array>()
  /** How often each block was asked for. */
  readonly asked: string[] = []

  get source(): BlockSource {
    return {
      id: 'a source of forged trees',
      kind: 'node',
      block: async cid => {
        this.asked.push(cid.toString())

        return this.blocks.get(cid.toString())
      }
    }
  }

  async raw(bytes: Uint8Array): Promise<CID> {
    return this.#add(0x55, bytes)
  }

  async file(
    links: readonly ForgedLink[],
    options: { readonly data?: Uint8Array; readonly blockSizes?: readonly number[] } = {}
  ): Promise<CID> {
    const { data, blockSizes = links.map(({ size = 0 }) => size) } = options

    return this.node(
      new UnixFS({
        type: 'file',
        ...(data == null ? {} : { data }),
        blockSizes: blockSizes.map(size => BigInt(size))
      }).marshal(),
      links
    )
  }

  async folder(links: readonly ForgedLink[]): Promise<CID> {
    return this.node(new UnixFS({ type: 'directory' }).marshal(), links)
  }

  async shard(links: readonly ForgedLink[], fanout: bigint, hashType = 0x22n): Promise<CID> {
    const data = new UnixFS({ type: 'hamt-sharded-directory', fanout, hashType })

    return this.node(data.marshal(), links)
  }

  async symlink(target: string): Promise<CID> {
    return this.node(new UnixFS({ type: 'symlink', data: Buffer.from(target) }).marshal(), [])
  }

  async node(data: Uint8Array, links: readonly ForgedLink[]): Promise<CID> {
    const sorted = links.toSorted((a, b) => Buffer.compare(bytesOf(a), bytesOf(b)))

    return this.#add(
      0x70,
      encode({
        Data: data,
        Links: sorted.map(({ cid, name = '', size = 0 }) => ({
          Hash: cid,
          Name: name,
          Tsize: size
        }))
      })
    )
  }

  /** Any bytes as a node. */
  async bytes(bytes: Uint8Array): Promise<CID> {
    return this.#add(0x70, bytes)
  }

  async #add(codec: number, bytes: Uint8Array): Promise<CID> {
    const cid = CID.createV1(codec, await sha256.digest(new Uint8Array(bytes)))

    this.blocks.set(cid.toString(), bytes)

    return cid
  }
}

function bytesOf({ name = '' }: ForgedLink): Buffer {
  return Buffer.from(name)
}
