import test from 'ava'
import { directoriesOf } from '../../config.ts'

test('directories follow the XDG variables', t => {
  t.deepEqual(
    directoriesOf({
      HOME: '/home/ann',
      XDG_CONFIG_HOME: '/c',
      XDG_STATE_HOME: '/s',
      XDG_CACHE_HOME: 'relative, so ignored'
    }),
    {
      config: '/c/plexnet',
      data: '/home/ann/.local/share/plexnet',
      identity: '/home/ann/.local/share/plexnet/identity',
      state: '/s/plexnet',
      cache: '/home/ann/.cache/plexnet',
      controlSocket: '/s/plexnet/control/node.sock'
    }
  )
})

test('PLEXNET_HOME holds everything, the XDG variables notwithstanding', t => {
  const { config, data, state, cache, controlSocket } = directoriesOf({
    PLEXNET_HOME: '/p',
    XDG_DATA_HOME: '/d'
  })

  t.deepEqual(
    [config, data, state, cache, controlSocket],
    ['/p/config', '/p/data', '/p/state', '/p/cache', '/p/state/control/node.sock']
  )
})

test('a socket path that the kernel has no room for moves to the runtime directory, or to one of its own', t => {
  const PLEXNET_HOME = `/${'long'.repeat(30)}`
  const runtime = directoriesOf({ PLEXNET_HOME, XDG_RUNTIME_DIR: '/run/user/1000' }).controlSocket
  const temporary = directoriesOf({ PLEXNET_HOME }).controlSocket
  const other = directoriesOf({ PLEXNET_HOME: `${PLEXNET_HOME}er` }).controlSocket

  t.regex(runtime, /^\/run\/user\/1000\/plexnet-[0-9a-f]{16}\/node\.sock$/)
  t.true(temporary.includes(`plexnet-${process.getuid?.()}-`))
  t.true(Buffer.byteLength(temporary) < 104)
  t.not(temporary, other)
})
