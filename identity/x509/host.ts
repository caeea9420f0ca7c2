import { InvalidCertificateNameError } from '../errors.ts'

/** RFC 1123 section 2.1, RFC 6125 section 6.4.3 for the wildcard; underscores are seen on local networks. */
const HOST =
  /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/

/** RFC 1035 section 2.3.4. */
const MAX_HOST_LENGTH = 253
const MAX_LABEL_LENGTH = 63

/**
 * A host name in lower case without its final dot.
 *
 * @throws {InvalidCertificateNameError}
 */
export function canonicalHost(text: string): string {
  const host = text.toLowerCase().replace(/\.$/, '')
  const fits =
    host.length <= MAX_HOST_LENGTH &&
    host.split('.').every(label => label.length <= MAX_LABEL_LENGTH) &&
    HOST.test(host)
  if (!fits) throw new InvalidCertificateNameError(text)

  return host
}
