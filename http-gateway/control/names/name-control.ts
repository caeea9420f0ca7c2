/** What the command line can ask of a running node's names. */
export interface NameControl {
  /** 'own' names count here; 'published' ones for all who follow this node's names. */
  add(name: string, address: string, shelf: 'own' | 'published'): Promise<NameJson>
  remove(name: string, shelf: 'own' | 'published'): Promise<void>
  list(): Promise<NameList>
  resolve(name: string): Promise<NamedJson>
}

export interface NameJson {
  readonly name: string
  /** '<uuid>.<fp>' */
  readonly address: string
  readonly suspicion?: SuspicionJson
}

/** Letters of several scripts, or the look of another name. */
export type SuspicionJson =
  | { readonly kind: 'mixed'; readonly reason: string }
  | { readonly kind: 'look-alike'; readonly of: string }

export interface NameList {
  readonly own: readonly NameJson[]
  readonly published: readonly NameJson[]
}

export interface NamedJson extends NameJson {
  /** From this node's own names, or those of friends, to the one that is meant. */
  readonly steps: readonly {
    readonly label: string
    /** 'own', or addresses of those who say so. */
    readonly by: readonly string[]
    readonly address: string
    /** They could not be asked again; so they said before. */
    readonly stale: boolean
  }[]
}
