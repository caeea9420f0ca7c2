import type { FastifyServerOptions } from 'fastify'
import { createRequire } from 'node:module'

type Compilers = NonNullable<
  NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']
>
type AnyFunction = (...values: never[]) => unknown

const require = createRequire(import.meta.url)

/**
 * Fastify's own compilers of schemas, loaded when a route has one.
 *
 * Our routes have none, and loading them takes a sixth of a node's start.
 */
export const lazySchemaCompilers: { readonly compilersFactory: Compilers } = {
  compilersFactory: {
    buildValidator: lazily(() => require('@fastify/ajv-compiler')()),
    buildSerializer: lazily(() => require('@fastify/fast-json-stringify-compiler')())
  }
}

/** A function that is loaded at its first call. */
function lazily<F extends AnyFunction>(load: () => F): F
function lazily(load: () => AnyFunction): AnyFunction {
  return (...values) => load()(...values)
}
