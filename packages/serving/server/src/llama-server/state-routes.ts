/**
 * GET /props and /slots: model, settings and current activity. llama-server's modifying requests are rejected: properties are configured,
 * and the prompt cache is shared by all slots.
 */

import type { Engine } from '@hadal/engine'
import type { Props, Slot } from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import { noFreeSlot, propsFixed, slotActionsUnsupported, slotsOff } from '../errors.ts'
import type { RouteContext } from '../route-context.ts'
import { llamaServerErrors } from './error-body.ts'
import { generationSettings, emptyRequest } from './generation-settings.ts'

interface Query {
  readonly model?: string
  readonly fail_on_no_slot?: string
}

export interface StateRouteOptions {
  /** Enables /slots. */
  readonly slots: boolean
  /** Server version, as clients parse it. */
  readonly buildInfo: string
}

export function stateRoutes(
  app: FastifyInstance,
  { models, defaults }: RouteContext,
  options: StateRouteOptions,
): void {
  const config = { errors: llamaServerErrors }

  app.get<{ Querystring: Query }>('/props', { config }, async (request): Promise<Props> => {
    const engine = models.find(request.query.model)
    const { model } = engine
    return {
      default_generation_settings: {
        params: generationSettings(defaults.sampling ?? {}, {
          ...emptyRequest,
          maxTokens: defaults.maxTokens,
        }),
        n_ctx: model.contextLength,
      },
      total_slots: engine.snapshot().maxBatchSize,
      model_alias: model.id,
      model_path: model.path,
      modalities: { vision: false, audio: false, video: false },
      endpoint_slots: options.slots,
      endpoint_props: false,
      endpoint_metrics: true,
      chat_template: model.chatTemplate ?? '',
      ...(model.toolTemplate !== undefined && { chat_template_tool_use: model.toolTemplate }),
      bos_token: model.bosToken,
      eos_token: model.eosToken,
      build_info: options.buildInfo,
      is_sleeping: false,
    }
  })

  app.post('/props', { config }, async () => {
    throw propsFixed()
  })

  app.post<{ Params: { id: string }; Querystring: { readonly action?: string } }>(
    '/slots/:id',
    { config },
    async (request) => {
      throw slotActionsUnsupported(request.query.action)
    },
  )

  app.get<{ Querystring: Query }>('/slots', { config }, async (request): Promise<Slot[]> => {
    if (!options.slots) throw slotsOff()
    const all = slotsOf(models.find(request.query.model))
    if (request.query.fail_on_no_slot !== undefined && all.every((slot) => slot.is_processing))
      throw noFreeSlot(all.length).with({ retryAfterSeconds: 1 })
    return all
  })
}

/** A slot's text belongs to its client and is not shown. */
function slotsOf(engine: Engine): Slot[] {
  const { maxBatchSize, slots } = engine.snapshot()
  return Array.from({ length: maxBatchSize }, (_, id): Slot => {
    const busy = slots.find((slot) => slot.slot === id && slot.id !== undefined)
    return {
      id,
      n_ctx: engine.model.contextLength,
      speculative: false,
      is_processing: busy !== undefined,
      ...(busy !== undefined && {
        id_task: busy.id!,
        n_prompt_tokens: busy.promptTokens,
        n_prompt_tokens_processed: busy.computedTokens,
        next_token: [{ has_next_token: true, n_decoded: busy.generatedTokens }] as const,
      }),
    }
  })
}
