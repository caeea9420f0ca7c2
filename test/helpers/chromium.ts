import { inflateSync } from 'node:zlib'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from './programs.ts'
import { temporaryFolder, type Teardown } from './testnet.ts'

const CHROMIUM = '/usr/bin/chromium'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/** How long one page may take, from the start of the browser, in ms. */
const PAGE_TIMEOUT = 45_000

/** Bytes before the first chunk of a PNG, and of a chunk's length and type and of its checksum. */
const PNG_SIGNATURE = 8
const CHUNK_HEAD = 8
const CHUNK_SUM = 4

/** A new Chromium with a profile of its own for each page. */
export const chromium = {
  async isInstalled(): Promise<boolean> {
    return (await runProgram(CHROMIUM, ['--version'])).code === 0
  },

  /** The document as it is after its scripts ran. */
  async dom(t: Teardown, url: string): Promise<string> {
    return (await open(t, '--dump-dom', url)).stdout
  },

  /** A PNG of the window. */
  async screenshot(t: Teardown, url: string): Promise<Buffer> {
    const file = join(await temporaryFolder(t), 'screenshot.png')

    await open(t, `--screenshot=${file}`, url)

    return readFile(file)
  }
}

/** How many different bytes the picture has, filtered as it is stored: one of one colour has a few. */
export function varietyOf(png: Buffer): number {
  const data: Buffer[] = []
  let at = PNG_SIGNATURE

  while (at < png.length) {
    const length = png.readUInt32BE(at)

    if (png.toString('latin1', at + 4, at + CHUNK_HEAD) === 'IDAT') {
      data.push(png.subarray(at + CHUNK_HEAD, at + CHUNK_HEAD + length))
    }
    at += CHUNK_HEAD + length + CHUNK_SUM
  }

  return new Set(inflateSync(Buffer.concat(data))).size
}

async function open(t: Teardown, what: string, url: string): ReturnType<typeof runProgram> {
  const profile = await temporaryFolder(t)
  const ran = await runProgram(
    CHROMIUM,
    [...FLAGS, '--window-size=900,700', `--user-data-dir=${profile}`, what, url],
    { timeout: PAGE_TIMEOUT }
  )

  if (ran.code !== 0) throw new Error(`chromium ended with ${ran.code}: ${ran.stderr}`)

  return ran
}
