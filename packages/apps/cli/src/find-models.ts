/** Finds the files of a service's models: bundled, on this machine, or downloaded. */

import type { Service } from '@hadal/config'
import { resolveModel } from '@hadal/engine'
import { findOnnx } from '@hadal/models/serving'
import type { Terminal } from '@hadal/output'
import type { ServedModel } from '@hadal/service'
import { findBundledModel } from '@hadal/service'
import { modelProgressLines } from './model-progress-lines.ts'

/** The model to serve, and the one that drafts for it. */
export async function findModels(
  service: Service,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ServedModel> {
  const find = (ref: string, towers: boolean): Promise<FoundModel> =>
    findModel(ref, towers, service, terminal, signal)
  const { path, id, reason, hasTowers, isOnnx } = await find(service.model, true)
  const model = {
    path,
    id: service.modelId ?? id,
    reason,
    isBundled: id !== undefined,
    ...(hasTowers && { hasTowers }),
    ...(isOnnx === true && { isOnnx }),
  }
  return service.draftModel === undefined
    ? model
    : { ...model, draftPath: (await find(service.draftModel, false)).path }
}

interface FoundModel {
  readonly path: string
  /** For a bundled model: its name. */
  readonly id: string | undefined
  readonly reason: string
  readonly hasTowers: boolean
  readonly isOnnx?: boolean
}

/** `towers`: accepts any kind of model; otherwise a draft model. */
async function findModel(
  ref: string,
  towers: boolean,
  { cacheDir, offline }: Service,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<FoundModel> {
  const bundled = findBundledModel(ref)
  if (bundled !== undefined)
    return { path: bundled.path, id: bundled.name, reason: 'bundled', hasTowers: false }
  const onnx = towers ? findOnnx(ref) : undefined
  if (onnx !== undefined)
    return { path: onnx, id: undefined, reason: 'given path', hasTowers: false, isOnnx: true }
  const { env } = terminal
  const onProgress = modelProgressLines(terminal)
  const requested = { cacheDir, offline, env, onProgress, signal, towers }
  const { kind, path, reason } = await resolveModel(ref, requested)
  return { path, id: undefined, reason, hasTowers: kind === 'towers' }
}
