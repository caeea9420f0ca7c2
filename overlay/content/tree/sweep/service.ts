import { decode } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'
import { DAG_PB } from '../../block.ts'
import { digestOf, type TreeStore } from '../store.ts'

/** Deletes the nodes that belong to none of these trees any more, and returns how many went. */
export async function sweepStore(store: TreeStore, roots: readonly CID[]): Promise<number> {
  const live = new Set<string>()
  const next = [...roots]

  for (let cid = next.pop(); cid != null; cid = next.pop()) {
    if (cid.code !== DAG_PB || live.has(digestOf(cid))) continue

    live.add(digestOf(cid))

    const bytes = await store.block(cid)

    if (bytes != null) next.push(...decode(bytes).Links.map(({ Hash }) => Hash))
  }

  return store.sweep(live)
}
