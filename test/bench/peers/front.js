/** A plain HTTP front for a peer-to-peer library, with ranges; prints its port. */
import { createServer } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'

/**
 * @param {(path: string) => Promise<number>} sizeOf
 * @param {(path: string, start: number, end: number) => AsyncIterable<Uint8Array>} read bytes `start` to before `end`
 */
export function serve(sizeOf, read) {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })

  async function answer({ url = '/', headers }, response) {
    const size = await sizeOf(url)
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    const start = Number(first ?? 0)
    const end = last === undefined ? size : Number(last) + 1

    response.writeHead(first === undefined ? 200 : 206, {
      'content-length': end - start,
      ...(first === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` })
    })
    await pipeline(Readable.from(read(url, start, end)), response)
  }

  server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })))
}
