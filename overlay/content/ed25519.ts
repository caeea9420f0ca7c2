export { ed25519Spki } from '../../identity/index.ts'
