import type { Datastore } from 'interface-datastore'
import { LevelDatastore } from 'datastore-level'

/** The LevelDB under `folder`, in which peers, DHT values and discovery's memory live; one process holds it at a time. */
export async function openDatastore(
  folder: string
): Promise<Datastore & { close(): Promise<void> }> {
  const datastore = new LevelDatastore(folder)

  await datastore.open()

  return datastore
}
