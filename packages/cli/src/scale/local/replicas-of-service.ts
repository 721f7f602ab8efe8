/** What a service says of replicas on this machine, as far as it decides how its models are kept. Pure. */

import { basename } from 'node:path'
import type { Service } from '@hadal/config'

/** Whether the number of replicas of any of its models follows the load. */
export const followsLoad = ({ replicas, models }: Service): boolean =>
  replicas === 'auto' || models.some((entry) => 'model' in entry && entry.replicas === 'auto')

/**
 * A single model that may have no replica at all is kept as one of several is: loaded when somebody asks, while the request waits, and
 * unloaded when nobody has asked for a while. Other services stay as they are.
 */
export function withSleep(service: Service): Service {
  const { models, model, modelId, modelAliases, modelTags, adapters, replicas, scaling } = service
  const maySleep = replicas === 'auto' && scaling.scaleToZero && scaling.minReplicas === 0
  if (models.length > 0 || !maySleep) return service
  const entry = {
    id: modelId ?? nameOf(model),
    model,
    aliases: modelAliases,
    tags: modelTags,
    adapters,
    idleUnloadMillis: service.idleUnloadMillis ?? scaling.gpuLowForMillis,
  }
  return { ...service, models: [entry] }
}

/** `hf:owner/name:Q4_K_M` is `name`, `folder/name.gguf` and `https://host/name.gguf#sha256=...` are `name`. */
function nameOf(ref: string): string {
  const path = ref.startsWith('hf:') ? ref.slice(3).replace(/:[^/]*$/, '') : ref.replace(/[#?].*$/, '')
  return basename(path)
    .replace(/@.*$/, '')
    .replace(/\.(gguf|onnx)$/i, '')
}
