export { encodeNames, MAX_NAMES, MAX_NAMES_BYTES, readNames, type NameBook } from './book.ts'
export {
  formatName,
  MAX_NAME_STEPS,
  NAME_SUFFIX,
  parseLabel,
  parseName,
  type NamePath
} from './name.ts'
