/** A LoRA adapter as a model of its own, as vLLM's clients name it: the engine, with the adapter for requests that name none. */

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
