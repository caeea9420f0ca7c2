import { createIdentity } from '../../../identity/index.ts'

const [, , directory = '', passphrase = ''] = process.argv

await createIdentity(directory, { passphrase, kdfIterations: 1 })
