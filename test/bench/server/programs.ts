import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { SMALL_NEW_SPACE } from '../../../demo/node-process.ts'

export interface Program {
  readonly name: string
  readonly pid: number
  readonly origins: { readonly http: string; readonly https: string }
  stop(): Promise<void>
}

interface Ports {
  readonly http: number
  readonly https: number
}

/** A folder to serve, and one for the server's own files, where the TLS pair lies when the gateway runs. */
export interface Places {
  readonly site: string
  readonly home: string
}

/** How long a server may take to listen, in ms. */
const START_TIMEOUT = 10_000

const GATEWAY = join(import.meta.dirname, '..', 'server-gateway.ts')

export async function isInstalled(program: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = await Promise.allSettled(folders.map(async folder => access(join(folder, program))))

  return found.some(({ status }) => status === 'fulfilled')
}

export async function startGateway({ site, home }: Places): Promise<Program> {
  // The flag is that of bin/plexnet.js.
  const child = spawn(
    process.execPath,
    [SMALL_NEW_SPACE, GATEWAY, site, keyOf(home), certOf(home)],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  )
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]

  return programOf('ours', child, JSON.parse(line) as Ports)
}

export async function startNginx({ site, home }: Places): Promise<Program> {
  const ports = await freePorts()
  const file = join(home, 'nginx.conf')

  await mkdir(join(home, 'nginx'), { recursive: true })
  await writeFile(
    file,
    `worker_processes 1;
daemon off;
pid ${home}/nginx/pid;
error_log stderr error;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 4096; }
http {
  include /etc/nginx/mime.types;
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  client_body_temp_path ${home}/nginx/body;
  proxy_temp_path ${home}/nginx/proxy;
  fastcgi_temp_path ${home}/nginx/fastcgi;
  uwsgi_temp_path ${home}/nginx/uwsgi;
  scgi_temp_path ${home}/nginx/scgi;
  server {
    listen 127.0.0.1:${ports.http};
    listen 127.0.0.1:${ports.https} ssl;
    ssl_certificate ${certOf(home)};
    ssl_certificate_key ${keyOf(home)};
    ssl_protocols TLSv1.2 TLSv1.3;
    root ${site};
  }
}
`
  )

  return listening('nginx', spawn('nginx', ['-c', file, '-p', home], { stdio: 'ignore' }), ports)
}

export async function startCaddy({ site, home }: Places): Promise<Program> {
  const ports = await freePorts()
  const file = join(home, 'Caddyfile')
  const server = `bind 127.0.0.1
  root * ${site}
  file_server`

  await writeFile(
    file,
    `{
  admin off
  auto_https off
  log {
    level ERROR
  }
  # HTTP/1.1 for all, as the other servers speak it.
  servers {
    protocols h1
  }
}
http://:${ports.http} {
  ${server}
}
https://:${ports.https} {
  tls ${certOf(home)} ${keyOf(home)}
  ${server}
}
`
  )

  const environment = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home }
  const child = spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], {
    stdio: 'ignore',
    env: environment
  })

  return listening('caddy', child, ports)
}

function keyOf(home: string): string {
  return join(home, 'key.pem')
}

function certOf(home: string): string {
  return join(home, 'cert.pem')
}

async function listening(name: string, child: ChildProcess, ports: Ports): Promise<Program> {
  const program = programOf(name, child, ports)
  const until = performance.now() + START_TIMEOUT

  while (!(await accepts(ports.http))) {
    if (child.exitCode !== null || performance.now() > until) {
      await program.stop()

      throw new Error(`${name} does not start.`)
    }

    await delay(20)
  }

  return program
}

function programOf(name: string, child: ChildProcess, { http, https }: Ports): Program {
  return {
    name,
    pid: child.pid ?? 0,
    origins: { http: `http://127.0.0.1:${http}`, https: `https://127.0.0.1:${https}` },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
    }
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')

  try {
    await once(socket, 'connect')

    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Both held before either is let go, so that they differ. */
async function freePorts(): Promise<Ports> {
  const servers = [createServer(), createServer()].map(server => server.listen(0, '127.0.0.1'))

  await Promise.all(servers.map(async server => once(server, 'listening')))

  const [http = 0, https = 0] = servers.map(server => {
    const address = server.address()

    return typeof address === 'object' && address !== null ? address.port : 0
  })

  await Promise.all(
    servers.map(async server => {
      server.close()
      await once(server, 'close')
    })
  )

  return { http, https }
}
