/** A service's replica settings, as far as they affect model loading. Pure. */

import { basename } from 'node:path'
import type { ModelEntry, Service } from '@hadal/config'

/** Whether the number of replicas of any of its models follows the load. */
export const followsLoad = ({ replicas, models }: Service): boolean =>
  replicas === 'auto' || models.some((entry) => 'model' in entry && entry.replicas === 'auto')

/**
 * A model that may have no replica at all is loaded on request, while the request waits, and unloaded when it has been idle for a
 * while. A single one is kept as one of several is for that. Other services stay as they are.
 */
export function withSleep(service: Service): Service {
  const { models, model, modelId, modelAliases, modelTags, adapters, replicas, scaling } = service
  if (!scaling.scaleToZero || scaling.minReplicas > 0) return service
  const idleUnloadMillis = service.idleUnloadMillis ?? scaling.gpuLowForMillis
  if (models.length > 0) {
    const sleeps = (entry: ModelEntry): boolean =>
      'model' in entry && (entry.replicas ?? replicas) === 'auto' && !('idleUnloadMillis' in entry)
    if (!models.some(sleeps)) return service
    return {
      ...service,
      models: models.map((entry) => (sleeps(entry) ? { ...entry, idleUnloadMillis } : entry)),
    }
  }
  if (replicas !== 'auto') return service
  const names = { id: modelId ?? nameOf(model), aliases: modelAliases, tags: modelTags }
  return { ...service, models: [{ ...names, model, adapters, idleUnloadMillis }] }
}

/** `hf:owner/name:Q4_K_M` is `name`, `folder/name.gguf` and `https://host/name.gguf#sha256=...` are `name`. */
function nameOf(ref: string): string {
  const path = ref.startsWith('hf:') ? ref.slice(3).replace(/:[^/]*$/, '') : ref.replace(/[#?].*$/, '')
  return basename(path)
    .replace(/@.*$/, '')
    .replace(/\.(gguf|onnx)$/i, '')
}
