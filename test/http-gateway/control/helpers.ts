import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { pino } from 'pino'
import { ControlClient } from '../../../cli/control-client.ts'
import { type ControlledNode, startControl } from '../../../http-gateway/control/index.ts'
import { fakeNode } from './fake-node.ts'

export const silent = pino({ level: 'silent' })

/** A path for a control socket, in a directory that does not exist yet. */
export async function socketPathFor(t: ExecutionContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'plexnet-control-'))

  t.teardown(async () => rm(home, { recursive: true }))
  return join(home, 'control', 'node.sock')
}

/** A node with these answers behind a control socket, and the command line's client to it. */
export async function controlled(
  t: ExecutionContext,
  parts: Partial<ControlledNode> = {}
): Promise<ControlClient> {
  const socketPath = await socketPathFor(t)
  const control = await startControl(fakeNode(parts), { socketPath, logger: silent })

  t.teardown(async () => control.close())
  return new ControlClient(socketPath)
}
