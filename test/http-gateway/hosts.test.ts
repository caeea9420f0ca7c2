import test from 'ava'
import fc from 'fast-check'
import { decide, type Question } from '../../http-gateway/hosts/decision.ts'
import { parseAuthority } from '../../http-gateway/hosts/authority.ts'
import { HostTable } from '../../http-gateway/hosts/host-table.ts'
import { canMoveToSubdomain } from '../../http-gateway/hosts/navigation.ts'
import { parseAddress, type FullAddress } from '../../identity/index.ts'

const OWN = '6089fa3b-f0a8-11d4-8f00-00c04fd430c8'
const OTHER = '7f1c2a40-f0a8-11d4-8f00-00c04fd430c8'
const MIRRORED = '8a2b3c50-f0a8-11d4-8f00-00c04fd430c8'
const FP = 'abcdefghijklmnopqrstuvwxyz'
const FP2 = 'zyxwvutsrqponmlkjihgfedcba'

const own: FullAddress = { ...parseAddress(OWN), fp: fingerprint(FP) }
const table = new HostTable({
  address: own,
  host: 'Node.Example.org',
  isMirrored: ({ uuid }) => uuid === MIRRORED
})

function fingerprint(fp: string): FullAddress['fp'] {
  return parseAddress(`${OWN}.${fp}`).fp!
}

function ask(host: string, path = '/', more: Partial<Question> = {}): string {
  const decision = decide(
    {
      host,
      path,
      scheme: 'http',
      isLocal: true,
      publicGateway: false,
      canMoveToSubdomain: () => false,
      ...more
    },
    table
  )

  if (decision.kind === 'own') {
    return `own ${decision.path}`
  }

  if (decision.kind === 'node') {
    return `${decision.form} ${decision.target.label} ${decision.path}`
  }

  if (decision.kind === 'mirror') {
    return `mirror ${decision.target.label} ${decision.path}`
  }

  if (decision.kind === 'name') {
    return `name ${decision.name} ${decision.path}`
  }

  return `${decision.kind} ${decision.kind === 'redirect' ? decision.location : decision.reason}`
}

const CASES: [string, string, string][] = [
  // Host, path, decision
  ['localhost', '/', 'own /'],
  ['LOCALHOST:8010', '/a?b', 'own /a?b'],
  ['alice.plex.localhost:8010', '/a?b', 'name alice /a?b'],
  ['Blog.Alice.plex.localhost', '/', 'name blog.alice /'],
  ['localhost.', '/', 'own /'],
  ['127.0.0.1:8010', '/', 'own /'],
  ['203.0.113.7', '/', 'own /'],
  ['[::1]:8010', '/', 'own /'],
  ['[2001:db8::7]', '/', 'own /'],
  ['node.example.org:80', '/', 'own /'],
  [`${OWN}.localhost`, '/x', 'own /x'],
  [`${OWN}-${FP}.localhost:8010`, '/x', 'own /x'],
  [`${OWN.toUpperCase()}-${FP.toUpperCase()}.LocalHost`, '/x', 'own /x'],
  [`${OWN}-${FP2}.localhost`, '/x', `label ${OWN}-${FP2} /x`],
  [`${OTHER}.localhost:8010`, '/x?y', `label ${OTHER} /x?y`],
  [`${OTHER}-${FP}.localhost`, `/${OTHER}/x`, `label ${OTHER}-${FP} /${OTHER}/x`],
  ['localhost', `/${OTHER}/`, `path ${OTHER} /`],
  ['localhost', `/${OTHER}.${FP}/a/b?c`, `path ${OTHER}-${FP} /a/b?c`],
  ['localhost', `/${OTHER}-${FP}/`, `path ${OTHER}-${FP} /`],
  ['localhost', `/${OTHER}`, `redirect /${OTHER}/`],
  ['localhost', `/${OTHER}?q=1`, `redirect /${OTHER}/?q=1`],
  ['localhost', `/${OWN}/x`, 'own /x'],
  ['localhost', `/${OWN}.${FP2}/x`, `path ${OWN}-${FP2} /x`],
  ['localhost', `/${OTHER}.html`, `own /${OTHER}.html`],
  ['localhost', `/${OTHER}x/`, `own /${OTHER}x/`],
  ['evil.example', '/', 'refused foreign'],
  ['localhost.evil.example', '/', 'refused foreign'],
  ['dashboard.localhost', '/', 'refused foreign'],
  ['node.example.org.evil.example', '/', 'refused foreign'],
  ['127.1', '/', 'refused foreign'],
  ['', '/', 'refused invalid'],
  ['a/b@c', '/', 'refused invalid'],
  ['localhost, evil.example', '/', 'refused invalid'],
  ['localhost:99999', '/', 'refused invalid'],
  ['localhost:', '/', 'own /'],
  ['[::1', '/', 'refused invalid'],
  ['[1.2.3.4]', '/', 'refused invalid']
]

for (const [host, path, expected] of CASES) {
  test(`"${host}" with ${path} is: ${expected}`, t => {
    t.is(ask(host, path), expected)
  })
}

test('an address in a label that cannot be read is told apart from a foreign host', t => {
  t.regex(ask(`${OTHER}-short.localhost`), /^unreadable /)
  t.regex(ask(`${OTHER.slice(0, -1)}.localhost`), /^unreadable /)
  t.regex(ask('localhost', `/${OTHER}.${'1'.repeat(26)}/`), /^unreadable /)
})

test('a client on another machine gets the own site, and others only from a public gateway', t => {
  const remote = { isLocal: false }

  t.is(ask('203.0.113.7', '/', remote), 'own /')
  t.is(ask(`${OTHER}.localhost`, '/', remote), 'refused remote')
  t.is(ask('203.0.113.7', `/${OTHER}/`, remote), 'refused remote')
  t.is(ask('203.0.113.7', `/${OTHER}/`, { ...remote, publicGateway: true }), `path ${OTHER} /`)
})

test('a site that is mirrored here is for everybody, by its full address alone (C2, C18)', t => {
  const remote = { isLocal: false }

  t.is(ask('203.0.113.7', `/${MIRRORED}.${FP}/a?b`, remote), `mirror ${MIRRORED}-${FP} /a?b`)
  t.is(ask('localhost', `/${MIRRORED}.${FP}/a`), `mirror ${MIRRORED}-${FP} /a`)
  t.is(ask('203.0.113.7', `/${MIRRORED}/a`, remote), 'refused remote')
  t.is(ask(`${MIRRORED}-${FP}.localhost`, '/a', remote), 'refused remote')
})

test('a browser that opens a page in the path form is moved to the subdomain with port and query', t => {
  const browser = { canMoveToSubdomain: () => true }

  t.is(
    ask('localhost:8010', `/${OTHER}.${FP}/a?b=c`, browser),
    `redirect http://${OTHER}-${FP}.localhost:8010/a?b=c`
  )
  t.is(ask('127.0.0.1', `/${OTHER}`, browser), `redirect http://${OTHER}.localhost/`)
  t.is(
    ask('localhost:9010', `/${OTHER}/`, { ...browser, scheme: 'https' }),
    `redirect https://${OTHER}.localhost:9010/`
  )
  t.is(
    ask('203.0.113.7', `/${OTHER}/`, { ...browser, isLocal: false, publicGateway: true }),
    `path ${OTHER} /`
  )
})

const CHROME = 'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const SAFARI = 'Mozilla/5.0 AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15'
const CHROME_ON_IOS = 'Mozilla/5.0 AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140 Safari/604.1'

test('only a navigation of a browser that knows *.localhost is moved', t => {
  const page = { 'sec-fetch-mode': 'navigate', accept: 'text/html' }

  t.true(canMoveToSubdomain({ ...page, 'user-agent': CHROME }))
  t.true(canMoveToSubdomain({ accept: 'text/html,*/*', 'user-agent': CHROME }))
  t.false(canMoveToSubdomain({ ...page, 'user-agent': SAFARI }))
  t.false(canMoveToSubdomain({ ...page, 'user-agent': CHROME_ON_IOS }))
  t.false(canMoveToSubdomain({ 'sec-fetch-mode': 'no-cors', accept: 'text/html' }))
  t.false(canMoveToSubdomain({ accept: '*/*', 'user-agent': 'curl/8' }))
})

test('whatever a Host holds, it is read or refused', t => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), text => {
      const authority = parseAuthority(text)

      return authority === undefined || /^[a-z0-9._:-]+$/.test(authority.name)
    })
  )
  t.pass()
})

test('no name leads to the own site but those in the table', t => {
  fc.assert(
    fc.property(fc.domain(), name =>
      ['localhost', 'node.example.org'].includes(name) ? true : ask(name) !== 'own /'
    )
  )
  t.pass()
})
