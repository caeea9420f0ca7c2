import type { MirrorJson, MirrorsJson } from '../../http-gateway/index.ts'
import type { TestProcess } from './node-processes.ts'

/** The first of the sites that a node mirrors. */
export async function mirrorOf(node: TestProcess): Promise<MirrorJson | undefined> {
  return (await node.ask<MirrorsJson>('mirrors')).mirrored[0]
}

/** The same, as soon as it is as it should be. */
export async function untilMirror(
  node: TestProcess,
  matches: (mirror: MirrorJson) => boolean
): Promise<MirrorJson> {
  for (;;) {
    const mirror = await mirrorOf(node)

    if (mirror != null && matches(mirror)) return mirror
  }
}
