/** Writes blocks into a cache until it is killed, and says so once the first are there. */
import { randomBytes } from 'node:crypto'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { DiskCache } from '../../../../overlay/content/block-cache/disk/store.ts'

const [directory = ''] = process.argv.slice(2)
const cache = new DiskCache({ directory, maxBytes: 256 << 20 })

await cache.start()

for (let written = 0; ; written += 1) {
  const bytes = new Uint8Array(randomBytes(256 << 10))

  cache.put(CID.createV1(raw.code, await sha256.digest(bytes)), bytes)
  if (written % 16 === 0) await cache.flush()
  if (written === 64) process.stdout.write('writing\n')
}
