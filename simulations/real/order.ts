import type { KademliaSettings } from '../../overlay/host/service.ts'
import type { SeenLookup } from './seen.ts'

/** What a worker is told to do with one of its nodes. */
export type Order =
  | {
      readonly do: 'create'
      readonly node: number
      readonly folder: string
      readonly kademlia: KademliaSettings
    }
  | { readonly do: 'start' | 'stop' | 'count'; readonly node: number }
  | { readonly do: 'join'; readonly node: number; readonly address: string }
  | { readonly do: 'look up' | 'find'; readonly node: number; readonly key: string }
  | { readonly do: 'put'; readonly node: number; readonly key: string; readonly value: string }

/** What comes of an order: each answers with what belongs to it, or with nothing. */
export interface Result {
  readonly started?: { readonly peer: string; readonly address: string }
  readonly contacts?: number
  readonly seen?: SeenLookup
  /** Peers that took a record. */
  readonly stored?: number
}

export interface Request {
  readonly number: number
  readonly order: Order
}

export type Reply =
  | { readonly number: number; readonly result: Result }
  | { readonly number: number; readonly error: string }
