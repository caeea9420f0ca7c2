import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import type { Serving } from './connections-server.ts'

export interface Nginx {
  readonly process: ChildProcess
  readonly http: number
  readonly https: number
}

/** Debian's nginx with one worker, the same site and certificate, and room for as many connections as a process may have. */
export async function startNginx(
  directory: string,
  site: string,
  { key, cert }: Pick<Serving, 'key' | 'cert'>
): Promise<Nginx> {
  const [http, https] = [await freePort(), await freePort()]

  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'key.pem'), key, { mode: 0o600 })
  await writeFile(join(directory, 'cert.pem'), cert)
  await writeFile(
    join(directory, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root;' : ''} worker_processes 1; daemon off; pid ${directory}/nginx.pid; error_log stderr crit;
     worker_rlimit_nofile 20000; events { worker_connections 19000; }
     http {
       access_log off; sendfile on; tcp_nopush on; open_file_cache max=100;
       keepalive_timeout 3600; keepalive_requests 1000000000; keepalive_time 10h;
       ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${directory}/${name};`).join(' ')}
       server {
         listen 127.0.0.1:${http}; listen 127.0.0.1:${https} ssl; root ${site};
         ssl_certificate ${directory}/cert.pem; ssl_certificate_key ${directory}/key.pem;
       }
     }`
  )

  const child = spawn('/usr/sbin/nginx', ['-c', join(directory, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'inherit']
  })

  await untilAnswered(`http://127.0.0.1:${http}/small.html`, child)

  return { process: child, http, https }
}

async function untilAnswered(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode != null) throw new Error('nginx did not start.')

    try {
      const { statusCode, body } = await request(url)

      await body.dump()
      if (statusCode === 200) return
    } catch {
      // It does not listen yet.
    }
    await delay(10)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')

  await once(server, 'listening')

  const address = server.address()

  server.close()
  await once(server, 'close')

  return typeof address === 'object' ? (address?.port ?? 0) : 0
}
