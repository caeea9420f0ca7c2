import test from 'ava'
import fc from 'fast-check'
import { InvalidTrustStatementError, signBody } from '../../../identity/index.ts'
import { MAX_TRUST_LIFETIME } from '../../../identity/trust/domain.ts'
import {
  checkStatementTimes,
  MAX_TRUST_STATEMENT_BYTES,
  openTrustStatement,
  signTrustStatement,
  type TrustStatement
} from '../../../identity/trust/statement.ts'
import { newPerson } from '../../helpers/identities.ts'

const NOW = 1_800_000_000_000
const DAY = 86_400_000

const alice = await newPerson()
const bob = await newPerson()

const good: TrustStatement = {
  issuer: alice.identity.address,
  subject: bob.identity.address,
  domain: 'identify',
  level: 2,
  seq: 7,
  issued: NOW,
  expires: NOW + 365 * DAY
}

const sign = (message: Uint8Array): Uint8Array => alice.authority.sign(message)
const fields = {
  ...good,
  issuer: `${good.issuer.uuid}.${good.issuer.fp}`,
  subject: `${good.subject.uuid}.${good.subject.fp}`
}

// A22, A24
test('a statement comes back as it was signed', t => {
  const bytes = signTrustStatement(good, sign)

  t.deepEqual(openTrustStatement(bytes, alice.identity.certificate), good)
  t.true(bytes.length < MAX_TRUST_STATEMENT_BYTES)
})

test('a statement that somebody else signed is refused', t => {
  const bytes = signTrustStatement(good, message => bob.authority.sign(message))
  const fault = t.throws(() => openTrustStatement(bytes, alice.identity.certificate), {
    instanceOf: InvalidTrustStatementError
  }).fault

  t.is(fault, 'signature')
})

test('a statement that comes with another node’s key is refused', t => {
  const bytes = signTrustStatement(good, sign)
  const fault = t.throws(() => openTrustStatement(bytes, bob.identity.certificate), {
    instanceOf: InvalidTrustStatementError
  }).fault

  t.is(fault, 'issuer')
})

const refused: Record<string, Record<string, unknown>> = {
  'a level that there is not': { level: 4 },
  'a level with a fraction': { level: 1.5 },
  'a domain that there is not': { domain: 'love' },
  'a subject without its key': { subject: good.subject.uuid },
  'a subject in other spelling': { subject: fields.subject.toUpperCase() },
  'praise of oneself': { subject: fields.issuer },
  'an expiry before the issue': { expires: NOW - 1 },
  'a life of a hundred years': { expires: NOW + MAX_TRUST_LIFETIME + 1 },
  'a negative sequence number': { seq: -1 },
  'a field too many': { note: 'hello' }
}

for (const [title, changes] of Object.entries(refused)) {
  test(`refused: ${title}`, t => {
    const bytes = signBody('trust', { ...fields, ...changes }, sign)

    t.throws(() => openTrustStatement(bytes, alice.identity.certificate), {
      instanceOf: InvalidTrustStatementError
    })
  })
}

test('a statement that is too large is refused before it is parsed', t => {
  t.throws(
    () =>
      openTrustStatement(new Uint8Array(MAX_TRUST_STATEMENT_BYTES + 1), alice.identity.certificate),
    { instanceOf: InvalidTrustStatementError }
  )
})

test('a record of another kind is no trust statement', t => {
  const bytes = signBody('node', fields, sign)

  t.throws(() => openTrustStatement(bytes, alice.identity.certificate), {
    instanceOf: InvalidTrustStatementError
  })
})

test('a clock that is off by a day is forgiven, by more not; what has expired is refused', t => {
  t.notThrows(() => checkStatementTimes(good, NOW - DAY))
  t.throws(() => checkStatementTimes(good, NOW - 2 * DAY), {
    instanceOf: InvalidTrustStatementError
  })
  t.throws(() => checkStatementTimes(good, good.expires), {
    instanceOf: InvalidTrustStatementError
  })
})

test('whatever bytes come, there is a statement or a typed error', t => {
  const bytes = signTrustStatement(good, sign)

  t.notThrows(() =>
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const mutated = Uint8Array.from(bytes)

        mutated[at]! ^= change

        try {
          openTrustStatement(mutated, alice.identity.certificate)

          return false
        } catch (error) {
          return error instanceof InvalidTrustStatementError
        }
      })
    )
  )
})
