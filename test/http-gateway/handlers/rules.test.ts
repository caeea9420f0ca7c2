import test from 'ava'
import { cacheControlFor } from '../../../http-gateway/handlers/caching.ts'
import { allowedMethods } from '../../../http-gateway/handlers/handler.ts'
import { handlersIn } from '../../../http-gateway/handlers/module-handlers.ts'
import { parsePattern, pathOfFile } from '../../../http-gateway/handlers/path.ts'
import { Routes } from '../../../http-gateway/handlers/routes.ts'

const FILES: [string, string | undefined][] = [
  ['hello.ts', '/hello'],
  ['hello.js', '/hello'],
  ['hello.mjs', '/hello'],
  ['index.ts', '/'],
  ['api/index.ts', '/api/'],
  ['api/[name].ts', '/api/:name'],
  ['users/[id]/posts.ts', '/users/:id/posts'],
  ['feed.xml.ts', '/feed.xml'],
  ['_shared.ts', undefined],
  ['_lib/shared.ts', undefined],
  ['.hidden.ts', undefined],
  ['types.d.ts', undefined],
  ['readme.md', undefined],
  ['data.json', undefined]
]

for (const [file, path] of FILES) {
  test(`the file ${file} is for ${path ?? 'no path'}`, t => {
    t.is(pathOfFile(file), path)
  })
}

const WRONG = [
  'hello',
  '/a/../b',
  '/a//b',
  '/.env',
  '/a?b',
  '/:',
  '/:1',
  '/.well-known/plexnet',
  '/.well-known/plexnet/node',
  '/.well-known/plexnet/:any',
  '/%2e%2e/x'
]

for (const path of WRONG) {
  test(`no handler can be at ${path}`, t => {
    t.throws(() => parsePattern(path), { code: 'PLEXNET_HANDLER_PATH' })
  })
}

const MATCHES: [string, string | undefined, Record<string, string>?][] = [
  ['/hello', '/hello', {}],
  ['/hello?x=1', '/hello', {}],
  ['/%68ello', '/hello', {}],
  ['/hello/', undefined],
  ['/', '/', {}],
  ['/users/me', '/users/me', {}],
  ['/users/j%C3%BCrgen', '/users/:name', { name: 'jürgen' }],
  ['/users/a/b', '/:a/:b/:c', { a: 'users', b: 'a', c: 'b' }],
  ['/users/a/b/c', undefined],
  ['/users/', undefined],
  ['/%zz', undefined],
  ['/a/%2e%2e/hello', undefined],
  ['/.well-known/plexnet/node', undefined],
  ['/x/y/z', '/:a/:b/:c', { a: 'x', b: 'y', c: 'z' }]
]

for (const [target, path, params] of MATCHES) {
  test(`${target} is answered by ${path ?? 'none'}`, t => {
    const routes = new Routes<string>()

    t.true(routes.isEmpty)

    for (const pattern of ['/users/:name', '/users/me', '/hello', '/', '/:a/:b/:c']) {
      routes.add(pattern, 'GET', pattern)
    }

    const found = routes.match(target)

    t.is(found?.methods.get('GET'), path)
    t.deepEqual(found?.params, params)
  })
}

test('a path has one handler a method, and is free when all have gone', t => {
  const routes = new Routes<number>()
  const end = routes.add('/a/:x', 'GET', 1)
  const endPost = routes.add('/a/:x', 'POST', 2)

  t.throws(() => routes.add('/a/:other', 'GET', 3), { code: 'PLEXNET_HANDLER' })
  t.is(allowedMethods(routes.match('/a/b')?.methods ?? new Map()), 'GET, HEAD, OPTIONS, POST')
  end()
  t.is(allowedMethods(routes.match('/a/b')?.methods ?? new Map()), 'OPTIONS, POST')
  endPost()
  end()
  t.true(routes.isEmpty)
})

const handler = (): string => 'x'

test('a module has a handler as its default, or by the names of methods', t => {
  t.deepEqual(handlersIn('a.ts', { default: handler, POST: handler, helper: 1 }), [
    { method: 'GET', handler },
    { method: 'POST', handler }
  ])

  for (const module of [
    {},
    { helper: handler },
    { default: 'text' },
    { default: handler, GET: handler }
  ]) {
    t.throws(() => handlersIn('a.ts', module), { code: 'PLEXNET_HANDLER', message: /a\.ts/ })
  }
})

// RFC 9111 section 5.2.2
const CACHING: [string[], string | undefined][] = [
  [[], 'no-store'],
  [['etag'], 'no-cache'],
  [['last-modified'], 'no-cache'],
  [['cache-control'], undefined],
  [['expires', 'etag'], undefined]
]

for (const [fields, expected] of CACHING) {
  test(`an answer with ${fields.join(' and ') || 'nothing'} gets Cache-Control ${expected}`, t => {
    t.is(
      cacheControlFor(name => fields.includes(name)),
      expected
    )
  })
}
