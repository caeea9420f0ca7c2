/** Builds the tree of a folder in a process of its own, tells when so many files were read, and goes on until it is killed. */
import { SiteTree } from '../../../../overlay/content/tree/service.ts'

const [root = '', storeFolder = '', files = '0'] = process.argv.slice(2)
let isTold = false
const tell = (): void => {
  if (!isTold) process.stdout.write('reached\n')
  isTold = true
}
const tree = new SiteTree({
  root,
  storeFolder,
  rescanInterval: 3_600_000,
  followLinks: true,
  onChange: tell,
  onProgress: progress => {
    if (progress.files >= Number(files)) tell()
  },
  onWarning: message => {
    process.stderr.write(`${message}\n`)
  }
})

await tree.start()
await tree.whenInStep()
// What an earlier process had read is not read again.
tell()
await new Promise(() => setInterval(() => undefined, 1000))
