import { configurationOf, type Context } from './context.ts'
import type { ControlClient } from './control-client.ts'

/** The node that runs here, or will have been found not to when it is asked. */
export async function runningNode(context: Context): Promise<ControlClient> {
  const { ControlClient } = await import('./control-client.ts')

  return new ControlClient(configurationOf(context).directories.controlSocket)
}
