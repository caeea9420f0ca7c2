export { encodeNames, MAX_NAMES, MAX_NAMES_BYTES, readNames, type NameBook } from './book.ts'
export { formatName, NAME_SUFFIX, parseLabel, parseName, type NamePath } from './name.ts'
