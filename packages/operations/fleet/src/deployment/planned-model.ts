/** The models that a service computes itself, each with the settings that hold for it. Pure. */

import { type LocalEntry, type ModelEntry, ownSettings, type Service } from '@hadal/config'
import { type ModelRef, readModelRef } from './model-ref.ts'
import type { Notes } from './notes.ts'
import { type Said, settingsOf } from './settings-of.ts'

export interface PlannedModel {
  /** As clients name it. */
  readonly id: string
  /** As the config names it. */
  readonly given: string
  readonly ref: ModelRef
  readonly names: Pick<ModelEntry, 'aliases' | 'tags' | 'fallbacks'>
  /** Settings of the service or of this model alone; paths as given. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly adapters: Service['adapters']
  readonly draftModel: string | undefined
  readonly chatTemplate: string | undefined
}

/** In the order of the config. */
export function plannedModels(service: Service, said: Said, notes: Notes): readonly PlannedModel[] {
  const ofService = settingsOf('engine', service, said)
  if (service.models.length === 0) {
    const ref = refOf(service.model, 'model', service, notes)
    if (ref === undefined) return []
    const id = service.modelId ?? ref.file?.replace(/\.gguf$/i, '') ?? ref.name.replace(/\.(gguf|onnx)$/i, '')
    if (service.modelId === undefined)
      notes.chose('model id', `${id} (from the model name; override with modelId)`)
    const { modelAliases: aliases, modelTags: tags, adapters, draftModel, chatTemplate } = service
    const names = { ...(aliases.length > 0 && { aliases }), ...(tags.length > 0 && { tags }) }
    return [{ id, given: service.model, ref, names, settings: ofService, adapters, draftModel, chatTemplate }]
  }
  const locals = service.models.filter((entry): entry is LocalEntry => 'model' in entry)
  return locals.flatMap((entry, at) => {
    const ref = refOf(entry.model, `models[${at}].model`, service, notes)
    if (ref === undefined) return []
    const { id, model, adapters = [], draftModel, chatTemplate, aliases, tags, fallbacks } = entry
    if (entry.pinned !== undefined || entry.loadAtStart !== undefined || entry.idleUnloadMillis !== undefined)
      notes.chose(
        `loading of ${id}`,
        'at the start and permanently: a model has its own engines here, so pinned, loadAtStart and idleUnloadMillis are omitted',
      )
    const plain = new Set<string>(['adapters', 'draftModel', 'chatTemplate', 'replicas', 'snapshotDir'])
    const own = ownSettings.filter((key) => !plain.has(key) && entry[key] !== undefined)
    const names = {
      ...(aliases !== undefined && { aliases }),
      ...(tags !== undefined && { tags }),
      ...(fallbacks !== undefined && { fallbacks }),
    }
    const settings = { ...ofService, ...Object.fromEntries(own.map((key) => [key, entry[key]])) }
    return [{ id, given: model, ref, names, settings, adapters, draftModel, chatTemplate }]
  })
}

function refOf(given: string, place: string, { deploy }: Service, notes: Notes): ModelRef | undefined {
  const { engine } = deploy
  const ref = readModelRef(given, engine !== 'llama')
  if (ref !== undefined && /\.onnx$/i.test(ref.name))
    notes.issue(
      `${place}: ${given} accepts tensors, which gateways do not forward to engines: run \`hadal serve\` for it separately, and remove it here`,
    )
  if (ref === undefined) notes.issue(`${place}: after hf: an owner, a slash and a repository are expected`)
  else if (engine !== 'llama' && ref.kind === 'bundled')
    notes.issue(
      `${place}: ${given} is a GGUF built into Hadal, which ${engine} does not serve: use a checkpoint such as hf:owner/name, or engine llama`,
    )
  else if (engine !== 'llama' && ref.isGguf)
    notes.issue(`${place}: ${engine} serves checkpoints, not GGUF: use hf:owner/name, or engine llama`)
  else if (engine === 'llama' && ref.kind === 'hub' && !ref.isGguf && ref.quant === undefined)
    notes.chose(
      `model ${given}`,
      'a checkpoint: Hadal serves CLIP checkpoints, and GGUF from repositories that contain it',
    )
  return ref
}
