import test from 'ava'
import fc from 'fast-check'
import { readSitePath, slashRedirect } from '../../http-gateway/site/path.ts'

const CASES: [string, string][] = [
  ['/', ' folder'],
  ['/a/b.html', 'a|b.html'],
  ['/a/b/', 'a|b folder'],
  ['/a?x=/../..', 'a'],
  ['/%C3%A4%20b', 'ä b'],
  ['/.well-known/x', '.well-known|x'],
  ['/.git/config', 'none'],
  ['/a/.env', 'none'],
  ['/a//b', 'none'],
  ['//a', 'none'],
  [`/${'x'.repeat(256)}`, 'none'],
  ['/..', 'bad'],
  ['/a/../b', 'bad'],
  ['/%2e%2e/a', 'bad'],
  ['/a%2fb', 'bad'],
  ['/a%5cb', 'bad'],
  ['/a%00', 'bad'],
  ['/%ff', 'bad'],
  ['/%zz', 'bad'],
  ['a', 'bad']
]

for (const [target, expected] of CASES) {
  test(`the path ${target.slice(0, 40)} is read as: ${expected}`, t => {
    const path = readSitePath(target)

    t.is(
      path.kind === 'entry'
        ? `${path.names.join('|')}${path.isFolder ? ' folder' : ''}`
        : path.kind,
      expected
    )
  })
}

test('no path leads out of the folder', t => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom('..', '.', '%2e%2e', '%2E.', '%2f', '%5c', '%00', '..%2f..', '', '%252e')
  )

  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), parts => {
      const path = readSitePath(`/${parts.join('/')}`)

      return (
        path.kind !== 'entry' ||
        path.names.every(name => !['', '.', '..'].includes(name) && !/[/\\\0]/.test(name))
      )
    })
  )
  t.pass()
})

test('a folder without its slash is found again relative to where it was asked for', t => {
  t.is(redirected('/docs'), 'http://localhost/docs/')
  t.is(redirected('/a/docs?x=1'), 'http://localhost/a/docs/?x=1')
  t.is(redirected('/javascript:alert(1)'), 'http://localhost/javascript:alert(1)/')
})

function redirected(target: string): string {
  return new URL(slashRedirect(target), `http://localhost${target}`).href
}
