/** What a person may get wrong about names and trust, and what the answer is. */
import test from 'ava'
import { EXIT } from '../../cli/exit-codes.ts'
import { makeHome, plexnet, startNode } from './run.ts'

const SECRET = { PLEXNET_PASSPHRASE: 'correct horse' }
const SOMEBODY = '6409808a-3548-11db-f2fd-0016cb90e4dc.mzxw6ytboi2gk3tumvzxi5dfon'
const [UUID = ''] = SOMEBODY.split('.')

interface Wrong {
  readonly argv: readonly string[]
  readonly code: number
  readonly says: RegExp
}

const WRONG: Readonly<Record<string, Wrong>> = {
  'a name with a space': {
    argv: ['name', 'add', 'my friend', SOMEBODY],
    code: EXIT.usage,
    says: /"my friend" is no name: a name has letters, digits and hyphens, 32 at most/
  },
  'a name that is too long': {
    argv: ['name', 'add', 'a'.repeat(5000), SOMEBODY],
    code: EXIT.usage,
    says: /is no name: a name has letters, digits and hyphens, 32 at most/
  },
  'a name in punycode': {
    argv: ['name', 'add', 'xn--elik-zoa', SOMEBODY],
    code: EXIT.usage,
    says: /write it in its own letters/
  },
  'a name with marks that turn the text round': {
    argv: ['name', 'add', 'ali\u202Ece', SOMEBODY],
    code: EXIT.usage,
    says: /is no name/
  },
  'a name like a UUID': {
    argv: ['name', 'add', '6409808a-3548', SOMEBODY],
    code: EXIT.usage,
    says: /it looks like a UUID/
  },
  'a name for an address with a typing error': {
    argv: ['name', 'add', 'alice', `${SOMEBODY}x`],
    code: EXIT.usage,
    says: /is not a node address: write <uuid>/
  },
  'a name for somebody unknown': {
    argv: ['name', 'add', 'alice', 'bob'],
    code: EXIT.notFound,
    says: /Nobody is known here as bob/
  },
  'taking away a name that there is not': {
    argv: ['name', 'remove', 'nobody'],
    code: EXIT.notFound,
    says: /"nobody" is none of your names/
  },
  'taking away one that is not published': {
    argv: ['name', 'remove', '--publish', 'nobody'],
    code: EXIT.notFound,
    says: /You publish no name "nobody"/
  },
  'asking for a name of too many steps': {
    argv: ['name', 'resolve', 'a/b/c/d/e'],
    code: EXIT.usage,
    says: /more than 4 steps/
  },
  'trust in a UUID that anybody can claim': {
    argv: ['trust', 'add', UUID],
    code: EXIT.usage,
    says: /Anybody can claim the UUID .*: give the full address, or --fingerprint/
  },
  'trust for something that there is not': {
    argv: ['trust', 'add', SOMEBODY, '--domain', 'everything'],
    code: EXIT.usage,
    says: /no domain of trust "everything": take one of identify, mirror, name, relay/
  },
  'trust at a level that there is not': {
    argv: ['trust', 'add', SOMEBODY, '--level', '9'],
    code: EXIT.usage,
    says: /level of trust is 1, 2 or 3/
  },
  'trust at a level that is no number': {
    argv: ['trust', 'add', SOMEBODY, '--level', 'high'],
    code: EXIT.usage,
    says: /--level high: the level of trust is 1, 2 or 3/
  },
  'trust for ever': {
    argv: ['trust', 'add', SOMEBODY, '--for', '9999w'],
    code: EXIT.usage,
    says: /five years at most/
  },
  'trust for a time that is none': {
    argv: ['trust', 'add', SOMEBODY, '--for', 'long'],
    code: EXIT.usage,
    says: /--for long: write a number and h, d or w/
  },
  'a fingerprint that is unreadable': {
    argv: ['trust', 'add', UUID, '--fingerprint', 'SHA256: A5CA 58A'],
    code: EXIT.usage,
    says: /is not a fingerprint/
  },
  'words that are none of the list': {
    argv: ['trust', 'add', UUID, '--fingerprint', 'correct horse battery staple'],
    code: EXIT.usage,
    says: /\S/
  },
  'a scanned link without an address': {
    argv: ['trust', 'add', 'plexnet:#SHA256:00'],
    code: EXIT.usage,
    says: /carries no address/
  },
  'taking back trust that was never said': {
    argv: ['trust', 'remove', SOMEBODY],
    code: EXIT.notFound,
    says: /has said nothing of/
  },
  'asking why for something that there is not': {
    argv: ['trust', 'why', SOMEBODY, '--domain', 'everything'],
    code: EXIT.usage,
    says: /no domain of trust "everything"/
  }
}

test('what is wrong about names and trust is said, with what to do, and changes nothing', async t => {
  t.timeout(240_000)

  const home = await makeHome(t)

  await plexnet(home, ['init'], SECRET)

  const { ready } = await startNode(t, home, [], SECRET)

  for (const [what, { argv, code, says }] of Object.entries(WRONG)) {
    const { code: ended, stdout, stderr } = await plexnet(home, argv)

    t.is(ended, code, `${what}: ${stderr}`)
    t.regex(stderr, says, what)
    t.is(stdout, '', what)
    t.notRegex(stderr.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u, what)
    t.true(stderr.length < 1000, what)
  }

  const itself = await plexnet(home, ['trust', 'add', String(ready['address'])])

  t.is(itself.code, EXIT.usage)
  t.regex(itself.stderr, /nobody can vouch for itself/)

  const list = JSON.parse((await plexnet(home, ['trust', 'list', '--json'])).stdout)
  const names = JSON.parse((await plexnet(home, ['name', 'list', '--json'])).stdout)

  t.deepEqual(list, { own: [], accepted: [] })
  t.deepEqual(names, { own: [], published: [] })
})

test('a name that looks like another one is given, with a warning', async t => {
  t.timeout(120_000)

  const home = await makeHome(t)

  await plexnet(home, ['init'], SECRET)
  await startNode(t, home, [], SECRET)
  await plexnet(home, ['name', 'add', 'paypal', SOMEBODY])

  for (const [name, warning] of [
    // Cyrillic
    ['pаypal', /Beware: pаypal looks like paypal, and is another node/],
    ['paypa1', /Beware: paypa1 looks like paypal/],
    // Latin and Cyrillic in one word
    ['bаnk', /Beware of bаnk: /]
  ] as const) {
    const { code, stderr } = await plexnet(home, ['name', 'add', name, SOMEBODY])

    t.is(code, 0)
    t.regex(stderr, warning)
  }
})
