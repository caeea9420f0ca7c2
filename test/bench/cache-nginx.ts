import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Debian's nginx with one worker as a cache (proxy_cache) before a web server, on a port. */
export async function startCachingNginx(
  home: string,
  port: number,
  origin: string
): Promise<ChildProcess> {
  const folder = join(home, 'nginx')
  const file = join(home, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

  await mkdir(folder, { recursive: true })
  await writeFile(
    file,
    `worker_processes 1;
daemon off;
pid ${folder}/pid;
error_log stderr crit;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  keepalive_requests 1000000000;
  open_file_cache max=1000;
  proxy_cache_path ${folder}/cache keys_zone=cache:10m;
${temporary.map(name => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${origin};
      proxy_cache cache;
    }
  }
}
`
  )

  return spawn('nginx', ['-c', file, '-p', home], { stdio: ['ignore', 'ignore', 'inherit'] })
}
