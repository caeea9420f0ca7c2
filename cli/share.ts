import QRCode from 'qrcode'
import { formatAddress, formatFingerprint, type Identity } from '../identity/index.ts'
import { fingerprintWords } from '../identity/trust/spoken.ts'
import { writeWholeFile } from './files.ts'
import { formatLink } from './trust-link.ts'

export interface ShareCard {
  readonly address: string
  /** As printed: 'SHA256: A5CA 58AF …'. */
  readonly fingerprint: string
  /** 24 words that name the same fingerprint. */
  readonly words: readonly string[]
  /** What the code to scan says. */
  readonly link: string
  readonly text: string
}

const WORDS_IN_A_LINE = 6

/** A person's card for a friend: to read aloud, to print, to scan (A22). */
export async function shareCard({ address, fingerprints }: Identity): Promise<ShareCard> {
  const fingerprint = formatFingerprint(fingerprints.sha256)
  const words = fingerprintWords(fingerprints.sha256)
  const link = formatLink(formatAddress(address), fingerprint)
  const code = await QRCode.toString(link, { type: 'utf8', errorCorrectionLevel: 'M' })

  return {
    address: formatAddress(address),
    fingerprint,
    words,
    link,
    text: [
      `Address  ${formatAddress(address)}`,
      fingerprint,
      '',
      'The fingerprint in words, to read aloud:',
      ...linesOf(words),
      '',
      'To scan, or to paste after "plexnet trust add":',
      link,
      '',
      code.trimEnd()
    ].join('\n')
  }
}

/** Writes the code as a PNG picture. */
export async function writeCode(link: string, file: string): Promise<void> {
  await writeWholeFile(file, await QRCode.toBuffer(link, { type: 'png', scale: 8 }))
}

function linesOf(words: readonly string[]): string[] {
  return Array.from({ length: words.length / WORDS_IN_A_LINE }, (_, line) =>
    words
      .slice(line * WORDS_IN_A_LINE, (line + 1) * WORDS_IN_A_LINE)
      .map(word => word.padEnd(9))
      .join('')
      .trimEnd()
  )
}
