import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ApiError } from '../../../api/api-error.ts'
import { follow } from './follow.ts'

afterEach(() => vi.unstubAllGlobals())

describe('a stream that is followed', () => {
  it('is opened again when nothing comes over it any more, and says so', async () => {
    let opened = 0
    vi.stubGlobal('fetch', async (_: string, { signal }: { signal: AbortSignal }) => {
      opened += 1
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(`event: live\ndata: ${opened}\n\n`))
          signal.addEventListener('abort', () => controller.error(signal.reason))
        },
      })
      return new Response(body)
    })
    const stop = new AbortController()
    const heard: unknown[] = []
    const states: (ApiError | undefined)[] = []
    const following = follow('/hadal/live', {
      signal: stop.signal,
      maxSilence: 20,
      onEvent: (_, data) => heard.push(data),
      onState: (is) => states.push(is),
    })
    await expect.poll(() => heard.length).toBeGreaterThan(1)
    stop.abort()
    await following
    expect(heard.slice(0, 2)).toEqual([1, 2])
    expect(states.slice(0, 3).map((is) => is?.code)).toEqual([undefined, 'unreachable', undefined])
  })
})
