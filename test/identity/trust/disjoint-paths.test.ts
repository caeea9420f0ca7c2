import test from 'ava'
import { disjointPaths } from '../../../identity/trust/disjoint-paths.ts'
import type { TrustGraph } from '../../../identity/trust/graph.ts'
import { graphOf } from '../../helpers/trust.ts'

function pathsTo(graph: TrustGraph, target: string, wanted = 2): string[] {
  return disjointPaths(graph, {
    root: graph.parties.intern('me'),
    target: graph.parties.intern(target),
    level: 1,
    through: Array.from({ length: graph.parties.size }, (_, handle) => handle),
    wanted
  })
    .map(path => path.map(handle => graph.parties.name(handle)).join(' '))
    .toSorted()
}

test('two friends who share nobody give two paths', t => {
  t.deepEqual(pathsTo(graphOf(['me > a b', 'a > x', 'b > x']), 'x'), ['me a x', 'me b x'])
})

test('paths that all lead through one party are one path', t => {
  const graph = graphOf(['me > a b', 'a > c', 'b > c', 'c > d e', 'd > x', 'e > x'])

  t.is(pathsTo(graph, 'x').length, 1)
})

test('a path is turned aside where that makes room for a second', t => {
  const graph = graphOf(['me > a b', 'a > c d', 'b > c', 'c > x', 'd > x'])

  t.deepEqual(pathsTo(graph, 'x'), ['me a d x', 'me b c x'])
})

test('no more paths are given than wanted', t => {
  const graph = graphOf(['me > a b c', 'a > x', 'b > x', 'c > x'])

  t.is(pathsTo(graph, 'x', 2).length, 2)
  t.is(pathsTo(graph, 'x', 3).length, 3)
})

test('a statement of one’s own is a path by itself', t => {
  t.deepEqual(pathsTo(graphOf(['me > a x', 'a > x']), 'x'), ['me a x', 'me x'])
})

test('nothing leads to whom nobody trusts', t => {
  t.deepEqual(pathsTo(graphOf(['me > a', 'x > me a']), 'x'), [])
})

test('a path does not lead through whom it must not', t => {
  const graph = graphOf(['me > a b', 'a > x', 'b > x'])
  const paths = disjointPaths(graph, {
    root: graph.parties.intern('me'),
    target: graph.parties.intern('x'),
    level: 1,
    through: [graph.parties.intern('a')],
    wanted: 2
  })

  t.is(paths.length, 1)
})
