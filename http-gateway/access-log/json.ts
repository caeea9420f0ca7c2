import { isUtf8 } from 'node:buffer'
import type { Format } from './entry.ts'

const BEYOND_ASCII = /[^\0-\u007f]/

/** One JSON object a line; a field that the request does not have is left out. */
export const jsonLine: Format = ({ kind, message }, address) => {
  const { at, transport, remoteAddress, status, bytes } = message
  const line = {
    time: new Date(at).toISOString(),
    remoteAddress: address(remoteAddress) || undefined,
    transport
  }

  if (kind === 'parse-error') {
    return `${JSON.stringify({ ...line, status, bytes, code: message.code })}\n`
  }

  const { method, target, version, host, from, referer, userAgent, server } = message

  return `${JSON.stringify({
    ...line,
    method,
    target: textOf(target),
    version,
    host: textOf(host),
    status,
    bytes,
    milliseconds: Math.round(message.milliseconds * 1000) / 1000,
    whole: message.isWhole,
    server,
    from: textOf(from),
    referer: textOf(referer),
    userAgent: textOf(userAgent)
  })}\n`
}

/** Node gives each byte of a field as a character; where they are UTF-8, they are meant so. */
function textOf(text: string | undefined): string | undefined {
  if (text === undefined || !BEYOND_ASCII.test(text)) {
    return text
  }

  const bytes = Buffer.from(text, 'latin1')

  return isUtf8(bytes) ? bytes.toString() : text
}
