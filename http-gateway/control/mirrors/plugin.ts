import type { FastifyPluginCallback } from 'fastify'
import { InvalidRequestError } from '../errors.ts'
import { membersOf, textOf } from '../members.ts'
import type { MirrorControl, MirrorPaceJson, MirrorPolicyJson } from './mirror-control.ts'

export interface MirrorsPluginOptions {
  readonly mirrors: () => MirrorControl
}

/** What this node mirrors. */
export const mirrorsPlugin: FastifyPluginCallback<MirrorsPluginOptions> = (
  app,
  { mirrors },
  done
) => {
  app.get('/mirrors', async () => mirrors().list())
  app.post('/mirrors', async ({ body }) =>
    mirrors().add(textOf(body, 'address'), quotaOf(body), paceOf(body))
  )
  app.post('/mirrors/remove', async ({ body }) => mirrors().remove(textOf(body, 'address')))
  app.post('/mirrors/remove-all', async () => mirrors().removeAll())
  app.post('/mirrors/policy', async ({ body }, reply) => {
    await mirrors().follow(policyOf(body))

    return reply.code(204).send()
  })
  app.get('/mirrors/overview', async () => mirrors().overview())
  app.post('/mirrors/name', async ({ body }) => mirrors().name(textOf(body, 'uri')))
  app.post('/mirrors/end', async ({ body }) => mirrors().end(textOf(body, 'id')))
  done()
}

function policyOf(body: unknown): MirrorPolicyJson | null {
  const { trusted, quota } = membersOf(body)

  if (trusted === null) return null
  if (typeof trusted !== 'number' || typeof quota !== 'number') {
    throw new InvalidRequestError(
      'a policy has the numbers "trusted" and "quota"; "trusted": null ends it'
    )
  }

  return { trusted, quota }
}

function quotaOf(body: unknown): number {
  const { quota } = membersOf(body)

  if (typeof quota !== 'number') {
    throw new InvalidRequestError('the request needs a number of bytes named "quota"')
  }

  return quota
}

function paceOf(body: unknown): MirrorPaceJson {
  const { rate, schedule } = membersOf(body)

  if (rate != null && typeof rate !== 'number') {
    throw new InvalidRequestError('"rate" is a number of bytes a second, or null')
  }
  if (schedule != null && typeof schedule !== 'string') {
    throw new InvalidRequestError('"schedule" is a text such as "01:00-06:00", or null')
  }

  return { rate, schedule }
}
