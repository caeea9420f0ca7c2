import test from 'ava'
import { fastify } from 'fastify'
import { lazySchemaCompilers } from '../../http-gateway/schema-compilers/service.ts'

test('a route with a schema is validated and serialised as in any Fastify server', async t => {
  const app = fastify({ schemaController: lazySchemaCompilers })
  const schema = {
    querystring: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    response: { 200: { type: 'object', properties: { n: { type: 'integer' } } } }
  }

  t.teardown(async () => app.close())
  app.get<{ Querystring: { n: number } }>('/', { schema }, ({ query }) => ({ ...query, more: 1 }))

  t.is((await app.inject('/?n=7')).body, '{"n":7}')
  t.is((await app.inject('/?n=x')).statusCode, 400)
})
