export { ed25519Signer, ed25519Spki } from '../../identity/index.ts'
