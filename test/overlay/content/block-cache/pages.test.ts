import test from 'ava'
import fc from 'fast-check'
import { PAGE_BYTES, Pages, pagesFor } from '../../../../overlay/content/block-cache/disk/pages.ts'
import { placePieces } from '../../../../overlay/content/block-cache/disk/placement.ts'
import { keptLine, readJournal } from '../../../../overlay/content/block-cache/disk/record.ts'

const COUNT = 64
const KEY = `b${'a'.repeat(58)}`

test('however pages are taken and released, no page is given twice and each that is free can be had', t => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -8, max: 12 }), { maxLength: 100 }), steps => {
      const pages = new Pages(COUNT)
      const held: { start: number; count: number }[][] = []

      for (const step of steps) {
        const free = COUNT - pagesOf(held.flat()).length

        if (step > 0) {
          const extents = pages.take(step)

          t.is(extents != null, step <= free)
          if (extents != null) held.push(extents)
        } else if (held.length > 0) {
          pages.release(held.splice(-step % held.length, 1)[0] ?? [])
        }

        const all = pagesOf(held.flat())

        t.is(new Set(all).size, all.length)
        t.true(all.every(page => page >= 0 && page < COUNT))
      }
    })
  )
})

test('what is taken in turn lies in turn', t => {
  const pages = new Pages(8)

  t.deepEqual(pages.take(3), [{ start: 0, count: 3 }])
  t.deepEqual(pages.take(3), [{ start: 3, count: 3 }])
  pages.release([{ start: 0, count: 2 }])
  t.deepEqual(pages.take(3), [
    { start: 6, count: 2 },
    { start: 0, count: 1 }
  ])
  t.is(pages.take(2), undefined)
  t.false(pages.claim([{ start: 1, count: 2 }]))
  t.true(pages.claim([{ start: 1, count: 1 }]))
})

test('pieces are laid into extents in order, however they are cut', t => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 9000 }), { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
      (pieces, counts) => {
        const bytes = Buffer.concat(pieces)
        const extents: { start: number; count: number }[] = []

        for (let missing = pagesFor(bytes.length), start = 0; missing > 0;) {
          const count = Math.min(missing, counts.next().value)

          extents.unshift({ start, count })
          start += count + 1
          missing -= count
        }

        const placed = placePieces(pieces, extents)

        t.deepEqual(Buffer.concat(placed.flatMap(one => one.pieces)), bytes)
        t.deepEqual(
          placed.map(({ position }) => position),
          extents.map(({ start }) => start * PAGE_BYTES)
        )
        for (const [index, one] of placed.entries()) {
          t.true(Buffer.concat(one.pieces).length <= (extents[index]?.count ?? 0) * PAGE_BYTES)
        }
      }
    )
  )
})

test('of two blocks in one page the later is there, and of a block that was written twice the later place', t => {
  const [a, b] = [KEY, KEY.replace('aa', 'bb')]

  t.deepEqual(
    readJournal(lineOf(a, 0) + lineOf(b, 0), new Pages(4)).map(({ key }) => key),
    [b]
  )
  t.deepEqual(
    readJournal(lineOf(a, 0) + lineOf(b, 1) + lineOf(a, 2), new Pages(4)).map(
      ({ extents }) => extents[0]?.start
    ),
    [1, 2]
  )
})

test('whatever stands in a journal, what is read of it lies in the pack and in pages of its own', t => {
  const extent = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 4 }))
  const line = fc
    .tuple(
      fc.constantFrom('+', '-', '*'),
      fc.integer({ min: 0, max: 20_000 }),
      fc.array(extent, { maxLength: 3 })
    )
    .map(
      ([sign, size, extents]) =>
        `${sign} ${KEY} ${size} ${extents.map(one => one.join('x')).join(',')}\n`
    )

  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 20 }), lines => {
      const kept = readJournal(lines.join(''), new Pages(10))
      const all = pagesOf(kept.flatMap(({ extents }) => extents))

      t.is(new Set(all).size, all.length)
      t.true(all.every(page => page < 10))
    })
  )
})

function pagesOf(extents: readonly { readonly start: number; readonly count: number }[]): number[] {
  return extents.flatMap(({ start, count }) => Array.from({ length: count }, (_, at) => start + at))
}

function lineOf(key: string, start: number): string {
  return keptLine({ key, size: 10, extents: [{ start, count: 1 }] })
}
