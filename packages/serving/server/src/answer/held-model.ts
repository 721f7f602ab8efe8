/** A model that a request waits for: it is loaded, and stays until the answer is over. */

import type { FastifyReply } from 'fastify'
import type { ModelDirectory } from '../model-directory.ts'

/**
 * Until the connection has ended, or the lease is given back. Throws what `ModelDirectory.hold` throws, and the signal's reason.
 */
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

/** The model that a body names, in any dialect. */
export function namedModel(body: unknown): string | undefined {
  const model = (body as { model?: unknown } | null | undefined)?.model
  return typeof model === 'string' ? model : undefined
}
