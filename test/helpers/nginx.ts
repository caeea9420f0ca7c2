import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { temporaryFolder, type Teardown } from './testnet.ts'

const NGINX = '/usr/sbin/nginx'

/** How often another port is tried where somebody took the free one. */
const ATTEMPTS = 5

/**
 * An ordinary web server over a folder, with a configuration of its own; gives its origin. It ends with the test.
 *
 * @param accessLog a file to which it writes what it was asked; nothing is written where not given
 */
export async function startNginx(t: Teardown, root: string, accessLog = 'off'): Promise<string> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = await freePort()

    if (await startOn(t, { root, port, accessLog })) return `http://127.0.0.1:${port}`
  }

  throw new Error('nginx found no port.')
}

interface Settings {
  readonly root: string
  readonly port: number
  readonly accessLog: string
}

async function startOn(t: Teardown, settings: Settings): Promise<boolean> {
  const folder = await temporaryFolder(t)
  const configuration = join(folder, 'nginx.conf')

  await writeFile(configuration, configurationOf(folder, settings))

  const child = spawn(NGINX, ['-c', configuration, '-p', folder], {
    stdio: ['ignore', 'ignore', 'pipe']
  })
  const exited = once(child, 'exit')

  t.teardown(async () => {
    if (child.exitCode == null && child.signalCode == null) {
      child.kill('SIGTERM')
      await exited
    }
  })

  for await (const line of createInterface({ input: child.stderr })) {
    if (line.includes('start worker process ')) {
      child.stderr.resume()

      return true
    }
  }

  return false
}

function configurationOf(folder: string, { root, port, accessLog }: Settings): string {
  const user = process.getuid?.() === 0 ? 'user root;' : ''

  return `${user}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
  access_log ${accessLog};
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}; root ${root}; }
}
`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')

  await once(server, 'listening')

  const { port } = server.address() as AddressInfo

  server.close()
  await once(server, 'close')

  return port
}
