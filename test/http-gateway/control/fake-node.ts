import { Readable } from 'node:stream'
import type {
  AgreementJson,
  ControlledNode,
  MirrorJson
} from '../../../http-gateway/control/index.ts'

const UUID = '6409808a-3548-11db-f2fd-0016cb90e4dc'
const ADDRESS = `${UUID}.${'a'.repeat(26)}`
const URLS = { local: 'http://localhost:8010/', uuid: `http://${UUID}.localhost:8010/`, public: [] }

/** A node that answers everything at once; `parts` replaces what a test is about. */
export function fakeNode(parts: Partial<ControlledNode> = {}): ControlledNode {
  return {
    status: async () => ({
      version: '0.1.0',
      pid: process.pid,
      uptime: 1000,
      address: ADDRESS,
      http: ['http://127.0.0.1:8010'],
      https: ['https://127.0.0.1:9010'],
      p2p: [],
      join: { state: 'alone', seeds: [], peers: 0 },
      tls: { expires: 0 },
      locked: true
    }),
    id: async () => ({
      uuid: UUID,
      address: ADDRESS,
      fingerprints: { sha1: 'SHA1: A5CA', sha256: 'SHA256: A5CA' },
      certificate: ''
    }),
    peers: async () => [],
    seed: async () => ({
      uuid: UUID,
      fingerprint: 'SHA256: A5CA',
      urls: ['https://127.0.0.1:9010#SHA256:A5CA'],
      multiaddrs: [],
      command: 'plexnet start --seed https://127.0.0.1:9010#SHA256:A5CA',
      nodes: 0
    }),
    config: async () => ({}),
    metrics: async () => '# HELP a_total x\n# TYPE a_total counter\na_total 1\n',
    publish: async folder => ({ root: folder, urls: URLS }),
    unpublish: async () => {},
    resolve: async () => ({
      uuid: UUID,
      address: ADDRESS,
      fingerprint: 'SHA256: A5CA',
      endpoints: [],
      multiaddrs: [],
      capabilities: [],
      seq: 1,
      issued: 0,
      expires: 0,
      source: 'self',
      assurance: 'self',
      learnt: 0,
      stale: false,
      trail: []
    }),
    verify: async function* () {},
    sources: async () => [],
    tellEnd: async () => ({ address: ADDRESS }),
    fetch: async () => ({ status: 200, headers: {}, body: Readable.from(['hello']) }),
    cache: {
      status: async () => ({ hits: 1, misses: 2, urls: 1, bytes: 1024, budget: 4096 }),
      clear: async () => {}
    },
    mirrors: {
      add: async (address, quota) => mirrorOf(address, quota),
      remove: async address => mirrorOf(address, 1024),
      removeAll: async () => [mirrorOf(ADDRESS, 1024)],
      list: async () => [mirrorOf(ADDRESS, 1024)],
      follow: async () => {},
      overview: async () => ({
        mirrored: [mirrorOf(ADDRESS, 1024)],
        mirrors: [agreementOf(ADDRESS)],
        wouldServe: 1,
        policy: null
      }),
      name: async uri => agreementOf(uri),
      end: async id => agreementOf(id)
    },
    audits: { list: async () => ({ mirrors: [], incidents: [] }) },
    names: {
      add: async (name, address) => ({ name, address }),
      remove: async () => {},
      list: async () => ({ own: [], published: [] }),
      resolve: async name => ({ name, address: ADDRESS, steps: [] })
    },
    trust: {
      add: async () => [],
      remove: async () => [],
      list: async () => ({ own: [], accepted: [] }),
      refresh: async () => {},
      why: async (address, domain) => ({
        address,
        domain,
        level: 0,
        isVouched: false,
        isOwn: false,
        paths: []
      })
    },
    unlock: async () => {},
    stop: async () => {},
    ...parts
  }
}

function agreementOf(id: string): AgreementJson {
  return {
    id,
    uris: [`https://203.0.113.7:9010/${ADDRESS}/`],
    prefix: '/',
    trust: 2,
    state: 'listed',
    since: 0,
    expires: 86_400_000,
    isCurrent: true,
    root: 'bafy',
    bytes: 512,
    quota: 1024,
    served: 4096,
    lastCheck: { at: 0, isGood: true, ranges: 4 }
  }
}

function mirrorOf(address: string, quota: number): MirrorJson {
  const progress = {
    files: 1,
    bytes: 512,
    blocks: 2,
    bytesHere: 512,
    blocksHere: 2,
    blocksFetched: 2
  }

  return {
    address,
    quota,
    state: 'current',
    since: 0,
    isByPolicy: false,
    checked: 0,
    version: { seq: 1, cid: 'bafy', expires: 0 },
    files: 1,
    bytes: 512,
    completeness: 1,
    served: 0,
    progress
  }
}
