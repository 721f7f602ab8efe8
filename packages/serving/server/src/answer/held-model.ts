/** Loads the model a request needs and holds it until the response ends. */

import type { FastifyReply } from 'fastify'
import type { ModelDirectory } from '../model-directory.ts'

/** Held until the connection closes or the lease is released. Throws what `ModelDirectory.hold` throws, and the signal's reason. */
export async function holdModel(
  models: ModelDirectory,
  name: string | undefined,
  { reply, signal }: { readonly reply: FastifyReply; readonly signal?: AbortSignal },
): Promise<Disposable> {
  const lease = await models.hold(name, signal)
  const { raw } = reply
  const release = (): void => {
    raw.off('close', release)
    lease[Symbol.dispose]()
  }
  if (raw.destroyed) release()
  else raw.once('close', release)
  return { [Symbol.dispose]: release }
}

/** The model named in a body, in any dialect. */
export function namedModel(body: unknown): string | undefined {
  const model = (body as { model?: unknown } | null | undefined)?.model
  return typeof model === 'string' ? model : undefined
}
