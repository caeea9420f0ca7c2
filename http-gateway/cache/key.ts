/**
 * Whose answers are kept apart: those of servers behind this node, of the web, and of other nodes. A client chooses the Host by which it
 * asks for a server behind this node, and may not choose by it what a reader of the web is given.
 */
export type Space = 'behind' | 'web' | 'node'

/** Under which an answer is stored. */
export function keyOf({ space, url }: { readonly space: Space; readonly url: string }): string {
  return `${space} ${url}`
}
