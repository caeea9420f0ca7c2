/** A part of a document, in bytes; `end` is the first that does not belong to it. */
interface Part {
  readonly start: number
  readonly end: number
}

/**
 * The field lines of a request by an ordinary program, byte for byte and in its order, names and values in turn: a download program that takes
 * a whole file, and a browser that shows a part of a large one. Whoever audits must not be known by them.
 */
export function clientLines(host: string, part: Part | undefined): string[] {
  return part === undefined
    ? [
        'Host',
        host,
        'User-Agent',
        'Wget/1.21.3',
        'Accept',
        '*/*',
        'Accept-Encoding',
        'identity',
        'Connection',
        'Keep-Alive'
      ]
    : [
        'Host',
        host,
        'User-Agent',
        'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        'Accept',
        '*/*',
        'Accept-Language',
        'en-US,en;q=0.5',
        'Accept-Encoding',
        'identity',
        'Range',
        `bytes=${part.start}-${part.end - 1}`,
        'Connection',
        'keep-alive'
      ]
}
