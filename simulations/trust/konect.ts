import type { Certificates } from './attack.ts'

/** Reads the Advogato network as KONECT distributes it: lines `from to weight`, accounts from 1 on; certificates to oneself are left out. */
export function parseKonect(text: string): Certificates {
  const edges = text
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('%'))
    .map(line => line.split(/\s+/).map(Number))
    .flatMap(([from = 0, to = 0]): [number, number][] => (from === to ? [] : [[from - 1, to - 1]]))

  return { accounts: edges.reduce((most, edge) => Math.max(most, ...edge), 0) + 1, edges }
}
