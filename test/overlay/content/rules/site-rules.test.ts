import test from 'ava'
import { isPublicName, nameFault } from '../../../../overlay/content/index.ts'
import { SiteRules } from '../../../../overlay/content/rules/index.ts'

const NAMES: [name: string, isPublic: boolean][] = [
  ['index.html', true],
  ['.well-known', true],
  ['.well-known2', false],
  ['.git', false],
  ['..', false],
  ['...', false],
  ['', false],
  ['x'.repeat(255), true],
  ['x'.repeat(256), false],
  ['ä'.repeat(128), false]
]

for (const [name, isPublic] of NAMES) {
  test(`the name "${name.slice(0, 20)}" of ${name.length} characters is ${isPublic ? '' : 'not '}public`, t => {
    t.is(isPublicName(name), isPublic)
  })
}

test('names that some systems read as several are told apart', t => {
  t.deepEqual(
    ['a', 'a/b', 'a\\b', 'a\0b'].map(name => nameFault(name) === undefined),
    [true, false, false, false]
  )
})

const PATHS: [rules: string, path: string, isFolder: boolean, isPublic: boolean][] = [
  ['', 'a/b.txt', false, true],
  ['  \n# only this\n', 'a/b.txt', false, true],
  ['*.key', 'a/secret.key', false, false],
  ['*.key', 'a/secret.keys', false, true],
  ['/build/', 'build', true, false],
  ['/build/', 'build/out.js', false, false],
  ['/build/', 'a/build/out.js', false, true],
  ['build/', 'a/build/out.js', false, false],
  ['build/', 'build', false, true],
  ['drafts/*\n!drafts/keep.md', 'drafts/keep.md', false, true],
  ['drafts/*\n!drafts/keep.md', 'drafts/other.md', false, false],
  // As with git: what lies in a folder that is left out cannot be taken in again.
  ['drafts/\n!drafts/keep.md', 'drafts/keep.md', false, false],
  ['!.git', '.git/config', false, false],
  ['', 'a/.git/config', false, false],
  ['', '.well-known/x', false, true],
  ['*.key\r\n*.pem\r\n', 'a.pem', false, false],
  ['\\!odd', '!odd', false, false],
  ['~', '~', false, false]
]

for (const [rules, path, isFolder, isPublic] of PATHS) {
  test(`with the rules ${JSON.stringify(rules)} ${path}${isFolder ? '/' : ''} is ${isPublic ? '' : 'not '}public`, t => {
    t.is(new SiteRules(rules).isPublicPath(path.split('/'), isFolder), isPublic)
  })
}

test('whatever the ignore file holds, it leads to an answer', t => {
  for (const text of ['[', '\\', '**', '!', '/', '[a-', '\u0000', '***/x', '{a,b}', '(?:', ' ']) {
    t.is(typeof new SiteRules(text).isPublicPath(['a', 'b'], false), 'boolean')
  }
})
