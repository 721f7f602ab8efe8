/** Finds the files of a service's models: bundled, on this machine, or downloaded. */

import type { Service } from '@hadal/config'
import { resolveModel } from '@hadal/engine'
import { findBundledModel } from './bundled-models.ts'
import { modelProgressLines } from './model-progress-lines.ts'
import type { ServedModel } from './start-engine.ts'
import type { Terminal } from './terminal.ts'

/** The model to serve, and the one that drafts for it. */
export async function findModels(
  service: Service,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ServedModel> {
  const find = (ref: string): Promise<FoundModel> => findModel(ref, service, terminal, signal)
  const { path, id, reason } = await find(service.model)
  const model = { path, id: service.modelId ?? id, reason, isBundled: id !== undefined }
  return service.draftModel === undefined
    ? model
    : { ...model, draftPath: (await find(service.draftModel)).path }
}

interface FoundModel {
  readonly path: string
  /** Of a bundled model: its name. */
  readonly id: string | undefined
  readonly reason: string
}

async function findModel(
  ref: string,
  { cacheDir, offline }: Service,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<FoundModel> {
  const bundled = findBundledModel(ref)
  if (bundled !== undefined) return { path: bundled.path, id: bundled.name, reason: 'bundled' }
  const { env } = terminal
  const onProgress = modelProgressLines(terminal)
  const { path, reason } = await resolveModel(ref, { cacheDir, offline, env, onProgress, signal })
  return { path, id: undefined, reason }
}
