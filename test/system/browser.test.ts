import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { chromium, varietyOf } from '../helpers/chromium.ts'
import {
  startTestnet,
  startTestNode,
  temporaryFolder,
  untilFound,
  type TestNode,
  type Teardown
} from '../helpers/testnet.ts'

const DEMO_SITE = join(import.meta.dirname, '../../demo/site')

/** A white page has fewer different bytes. */
const VARIETY = 20

/** Where a person looks at the screenshots afterwards. */
const KEEP = process.env['PLEXNET_TEST_SCREENSHOTS']

const shared = new AsyncDisposableStack()
const ending: Teardown = { teardown: act => shared.defer(act) }

let isInstalled: boolean
let publisher: TestNode
let reader: TestNode
let seedUrl: string

test.before(async t => {
  t.timeout(60_000)
  isInstalled = await chromium.isInstalled()

  if (isInstalled) {
    const net = await startTestnet(ending, 2)

    seedUrl = net.seedUrl
    ;[publisher, reader] = net.nodes
    await publisher.node.publish(await demoSite(ending))
  }
})

test.after.always(async () => shared.disposeAsync())

test.serial(
  "a browser shows another node's site, runs its script and applies its stylesheet",
  async t => {
    // A17
    if (!canRun(t)) return

    const url = siteUrl(publisher.host)
    const page = await chromium.dom(t, url)

    t.regex(page, /<title>A site without a server of its own<\/title>/)
    // Written by the script.
    t.true(page.includes(`<code id="address">${publisher.host}</code>`), page)

    const probe = await chromium.dom(t, `${url}probe.html`)

    // As style.css has it: 42rem of 18px.
    t.regex(probe, /<output>756px<\/output>/)
    await looksLikeAPage(t, 'site', url)
  }
)

test.serial('a browser at the path form is taken to an origin of its own', async t => {
  // A48
  if (!canRun(t)) return

  const page = await chromium.dom(t, `${reader.gateway}/${publisher.ready.address}/`)

  t.true(page.includes(`<code id="address">${publisher.host}</code>`), page)
})

test.serial(
  'a browser shows the choice between two claims, and the page for a node that nobody knows',
  async t => {
    // A5
    t.timeout(120_000)
    if (!canRun(t)) return

    const uuid = '7d444840-9dc0-11d1-b245-5ffdce74fad2'
    const claimants = await Promise.all(
      [1, 2].map(async () => startTestNode(t, { uuid, seeds: [seedUrl] }))
    )

    await Promise.all(claimants.map(untilFound))

    const choice = await chromium.dom(t, siteUrl(`${uuid}.localhost`))

    t.regex(choice, /<title>300 Multiple Choices<\/title>/)
    for (const { host } of claimants) t.true(choice.includes(`href="${siteUrl(host)}"`), choice)

    const unknown = '00000000-0000-1000-8000-00000000dead.localhost'

    t.regex(await chromium.dom(t, siteUrl(unknown)), /<title>404 Not Found<\/title>/)
    await looksLikeAPage(t, 'choice', siteUrl(`${uuid}.localhost`))
    await looksLikeAPage(t, 'unknown', siteUrl(unknown))
  }
)

function canRun(t: ExecutionContext): boolean {
  t.timeout(120_000)
  if (isInstalled) return true

  t.log('chromium is not installed (Debian package chromium): this was not tested.')
  t.pass()

  return false
}

async function looksLikeAPage(t: ExecutionContext, name: string, url: string): Promise<void> {
  const png = await chromium.screenshot(t, url)

  t.true(varietyOf(png) > VARIETY, `${name} looks blank: ${varietyOf(png)} different bytes`)
  if (KEEP != null) await writeFile(join(KEEP, `${name}.png`), png)
}

/** The demo's site and a page that tells how wide its stylesheet lets the body become. */
async function demoSite(t: Teardown): Promise<string> {
  const folder = await temporaryFolder(t)

  await cp(DEMO_SITE, folder, { recursive: true })
  await writeFile(
    join(folder, 'probe.html'),
    (await readFile(join(folder, 'index.html'), 'utf8')).replace(
      '<script src="address.js"></script>',
      '<output></output><script src="probe.js"></script>'
    )
  )
  await writeFile(
    join(folder, 'probe.js'),
    "document.querySelector('output').textContent = getComputedStyle(document.body).maxWidth"
  )

  return folder
}

function siteUrl(host: string): string {
  return `http://${host}:${new URL(reader.gateway).port}/`
}
