import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { OwnerTokenError, readOwnerToken } from '../../node/owner-token.ts'
import { temporaryDirectory } from '../helpers/identities.ts'

const CASES: [name: string, text: string, expected: string | RegExp][] = [
  ['the first line is the token', 'abcdefghijklmnop+/=\nmore\n', 'abcdefghijklmnop+/='],
  ['a short token is refused', 'short\n', /5 characters/],
  ['an empty file is refused', '', /0 characters/],
  ['a token with a space is refused', 'abcdefgh ijklmnopq', /no bearer token/]
]

for (const [name, text, expected] of CASES) {
  test(name, async t => {
    const path = join(await temporaryDirectory(t), 'token')

    await writeFile(path, text)

    if (typeof expected === 'string') {
      t.is(await readOwnerToken(path), expected)
    } else {
      await t.throwsAsync(readOwnerToken(path), { instanceOf: OwnerTokenError, message: expected })
    }
  })
}

test('a missing file is named, and no file is no token', async t => {
  await t.throwsAsync(readOwnerToken('/nowhere/token'), { message: /\/nowhere\/token.*ENOENT/ })
  t.is(await readOwnerToken(undefined), undefined)
})
