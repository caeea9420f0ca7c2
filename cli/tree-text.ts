import type { SignedStatus, TreeStatus } from '../http-gateway/control/index.ts'
import { describeBytes, describeTime } from './text.ts'
import { printable } from './failure.ts'

/** Names of what is left out that are shown. */
const MAX_SHOWN = 5

/** What the tree of the own site is, and what others know of it. */
export function treeRows(tree: TreeStatus): [string, string][] {
  const { failure, cid, changed, signed } = tree

  return [
    ['Files', filesText(tree)],
    ...(cid == null ? [] : [['Root', cid] as [string, string]]),
    ['Signed', signedText(signed, cid)],
    ...(changed == null ? [] : [['Changed', describeTime(changed)] as [string, string]]),
    ...leftOutRows(tree),
    ...(failure == null ? [] : [['Trouble', printable(failure)] as [string, string]])
  ]
}

/** How far the reading of a folder is. */
export function progressText({ read }: TreeStatus): string {
  return `${countText(read.files, 'file')} read, ${describeBytes(read.bytes)}`
}

function filesText({ state, files, bytes, ...tree }: TreeStatus): string {
  if (files == null || bytes == null) return `being read: ${progressText({ state, ...tree })}`

  const known = `${countText(files, 'file')}, ${describeBytes(bytes)}`

  return state === 'reading' ? `${known}; looking for changes` : known
}

function signedText(signed: SignedStatus | undefined, cid: string | undefined): string {
  if (signed == null) return 'not yet: readers cannot check this site, and nobody can mirror it'

  const { seq, expires, put } = signed
  const kept = put == null ? '' : `, kept by ${countText(put.stored, 'node')}`
  const behind = signed.cid === cid ? '' : ', as it was before the last change'

  return `number ${seq}, until ${describeTime(expires)}${kept}${behind}`
}

function leftOutRows({ leftOut: { count, some } }: TreeStatus): [string, string][] {
  const shown = some.slice(0, MAX_SHOWN)
  const more = count - shown.length

  return [
    ...shown.map(({ path, reason }, at): [string, string] => [
      at === 0 ? 'Left out' : '',
      `${printable(path)}: ${reason}`
    ]),
    ...(more > 0 ? [['', `and ${more} more`] as [string, string]] : [])
  ]
}

function countText(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : `${noun}s`}`
}
