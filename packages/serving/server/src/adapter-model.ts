/** A LoRA adapter exposed as a model, as in vLLM: the engine with the adapter as default for requests that name none. */

import type { Engine, GenerateRequest } from '@hadal/engine'

export function adapterModel(engine: Engine, id: string): Engine {
  const own: Partial<Engine> = {
    model: { ...engine.model, id },
    generate: (request: GenerateRequest, signal?: AbortSignal) =>
      engine.generate({ adapters: [{ id, scale: 1 }], ...request }, signal),
  }
  return new Proxy(engine, {
    get(target, key) {
      if (key in own) return own[key as keyof Engine]
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
