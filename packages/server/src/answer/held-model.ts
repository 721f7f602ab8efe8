/** A model that a request waits for: it is loaded, and stays until the answer is over. */

import type { FastifyReply } from 'fastify'
import type { ModelDirectory } from '../model-directory.ts'

/** Throws what `ModelDirectory.hold` throws, and the signal's reason. */
export async function holdModel(
  models: ModelDirectory,
  name: string | undefined,
  { reply, signal }: { readonly reply: FastifyReply; readonly signal?: AbortSignal },
): Promise<void> {
  const lease = await models.hold(name, signal)
  const release = (): void => lease[Symbol.dispose]()
  if (reply.raw.destroyed) release()
  else reply.raw.once('close', release)
}

/** The model that a body names, in any dialect. */
export function namedModel(body: unknown): string | undefined {
  const model = (body as { model?: unknown } | null | undefined)?.model
  return typeof model === 'string' ? model : undefined
}
