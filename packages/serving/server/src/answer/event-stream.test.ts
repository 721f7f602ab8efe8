import { EventEmitter } from 'node:events'
import { systemClock } from '@hadal/base'
import type { FastifyReply } from 'fastify'
import { describe, expect, it } from 'vitest'
import { EventStream } from './event-stream.ts'

describe('a stream of events', () => {
  it('ends at once for a reader that was gone before it began', async () => {
    const raw = Object.assign(new EventEmitter(), {
      destroyed: true,
      writableLength: 0,
      writeHead: () => raw,
      write: () => false,
      destroy: () => raw,
    })
    const reply = { raw, hijack: () => undefined, getHeaders: () => ({}) } as unknown as FastifyReply
    let ends = 0
    const stream = new EventStream(reply, { clock: systemClock, about: 'a test', onEnd: () => (ends += 1) })
    // The stream must start before it can end.
    expect(ends).toBe(0)
    stream.sendJson('event', '{}')
    await expect.poll(() => ends).toBe(1)
    raw.emit('close')
    expect(ends).toBe(1)
  })
})
