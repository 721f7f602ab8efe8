/** LoRA adapters at runtime: llama-server's list and scales, vLLM's loading and unloading. */

import {
  type AdapterCard,
  adapterScalesSchema,
  loadAdapterSchema,
  parse,
  unloadAdapterSchema,
} from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import { adapterChangesOff } from '../errors.ts'
import type { RouteContext } from '../route-context.ts'
import { llamaServerErrors } from './error-body.ts'
import { adapterUses } from './read-sampling.ts'

interface Query {
  readonly model?: string
}

export interface AdapterRouteOptions {
  /** Whether clients may load adapters from any path this process can read, and unload them. */
  readonly adapterChanges: boolean
}

export function adapterRoutes(
  app: FastifyInstance,
  { models, finding, accepting }: RouteContext,
  options: AdapterRouteOptions,
): void {
  const config = { errors: llamaServerErrors }

  app.get<{ Querystring: Query }>('/lora-adapters', { config }, async (request): Promise<AdapterCard[]> => {
    const { adapters } = models.find(request.query.model)
    return adapters.map(({ id: name, path, scale }, id) => ({ id, name, path, scale }))
  })

  app.post<{ Querystring: Query }>('/lora-adapters', { config }, async (request, reply) => {
    const scales = accepting(reply)(parse(adapterScalesSchema, request.body))
    const engine = await finding(reply, request.query.model)
    await engine.setAdapterScales(adapterUses(engine, scales))
    return { success: true }
  })

  app.post('/v1/load_lora_adapter', async (request, reply) => {
    if (!options.adapterChanges) throw adapterChangesOff()
    const body = accepting(reply)(parse(loadAdapterSchema, request.body))
    const engine = await finding(reply, body.model)
    await engine.loadAdapter({ id: body.lora_name, path: body.lora_path, scale: body.scale ?? 0 })
    return reply.type('text/plain').send(`Success: LoRA adapter '${body.lora_name}' added successfully.`)
  })

  app.post('/v1/unload_lora_adapter', async (request, reply) => {
    if (!options.adapterChanges) throw adapterChangesOff()
    const body = accepting(reply)(parse(unloadAdapterSchema, request.body))
    const engine = await finding(reply, body.model)
    await engine.unloadAdapter(body.lora_name)
    return reply.type('text/plain').send(`Success: LoRA adapter '${body.lora_name}' removed successfully.`)
  })
}
