/** Server-sent events of the server, as they come. */

import { SseDecoder, type SseEvent } from '@hadal/protocol'
import { ApiError } from './api-error.ts'
import { type RequestOptions, send } from './request.ts'

/** Resolves at the end of the stream. Throws what `send` throws, and `ApiError` `unreachable` if the connection breaks. */
export async function* events(path: string, options: RequestOptions = {}): AsyncGenerator<SseEvent> {
  const response = await send(path, {
    ...options,
    headers: { accept: 'text/event-stream', ...options.headers },
  })
  const decoder = new SseDecoder()
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        if (options.signal?.aborted) throw error
        throw new ApiError(0, 'unreachable', 'The connection to the server was lost.')
      })
      if (done) return
      yield* decoder.push(value)
    }
  } finally {
    void reader.cancel().catch(() => undefined)
  }
}
