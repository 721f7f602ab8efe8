/** POST /models/load and /models/unload, as in llama-server's router mode. */

import { modelControlSchema, parse } from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import { llamaServerErrors } from '../llama-server/error-body.ts'
import type { RouteContext } from '../route-context.ts'

export function modelControl(app: FastifyInstance, { models, accepting }: RouteContext): void {
  const config = { errors: llamaServerErrors }
  /** Responds once the model is loaded; clients can poll the model list for progress. */
  app.post('/models/load', { config }, async (request, reply) => {
    const { model } = accepting(reply)(parse(modelControlSchema, request.body))
    const lease = await models.hold(model)
    lease[Symbol.dispose]()
    return { success: true }
  })
  app.post('/models/unload', { config }, async (request, reply) => {
    const { model } = accepting(reply)(parse(modelControlSchema, request.body))
    await models.host.unload(models.hostedAs(model))
    return { success: true }
  })
}
