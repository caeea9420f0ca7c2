import { openIdentity, renewTls, unlockAuthority } from '../../../identity/index.ts'

const [, , directory = '', passphrase = ''] = process.argv

const identity = await openIdentity(directory)
const authority = await unlockAuthority(directory, identity, passphrase)
process.send?.('ready')

// Until it is killed: each name is a reason to renew.
for (let count = 0; ; count += 1) {
  await renewTls(directory, identity, authority, {
    now: identity.tls.notBefore,
    ips: [],
    hosts: [`h${count}.example`]
  })
}
