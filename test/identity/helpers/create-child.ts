import { createIdentity } from '../../../identity/index.ts'

const [, , directory = '', passphrase = ''] = process.argv

// Until it is killed.
for (let count = 0; ; count += 1) {
  await createIdentity(`${directory}-${process.pid}-${count}`, { passphrase, kdfIterations: 1 })
}
