import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { silentLogger } from '@hadal/base'
import { describe, expect, it, vi } from 'vitest'
import { EngineProcess } from './engine-process.ts'
import type { StartSequence, ToProcess } from './messages.ts'

vi.mock('node:child_process', () => ({ fork: vi.fn() }))

const start = () => new EngineProcess({}, () => {}, silentLogger)

describe('an engine process that cannot be started', () => {
  it('for want of memory, has ended', async () => {
    vi.mocked(fork).mockImplementation(() => {
      throw new Error('spawn ENOMEM')
    })
    const process = start()
    process.cancel(1)
    process.kill()
    await process.close()
    expect(await process.ended).toEqual({ how: 'spawn ENOMEM', lastWords: '' })
  })

  it('for want of file descriptors, has ended', async () => {
    vi.mocked(fork).mockImplementation(() => {
      // What Node.js returns: no pipes, no channel, and the error later.
      const child = Object.assign(new EventEmitter(), { kill: () => false }) as unknown as ChildProcess
      void setImmediate().then(() => child.emit('error', new Error('spawn node EMFILE')))
      return child
    })
    const process = start()
    process.cancel(1)
    expect(await process.ended).toEqual({ how: 'spawn node EMFILE', lastWords: '' })
    expect(process.pid).toBeUndefined()
    await process.close()
  })
})

describe('an engine process', () => {
  it('gets texts one by one that are too long for one message', async () => {
    const sent: ToProcess[] = []
    const send = (message: ToProcess): boolean => {
      // As `JSON.stringify` does.
      if ((message.start?.length ?? 0) + (message.pooled?.length ?? 0) > 1)
        throw new RangeError('Invalid string length')
      return sent.push(message) > 0
    }
    vi.mocked(fork).mockImplementation(
      () => Object.assign(new EventEmitter(), { connected: true, send }) as unknown as ChildProcess,
    )
    const process = start()
    process.cancel(1)
    process.start({ key: 2 } as StartSequence)
    process.start({ key: 3 } as StartSequence)
    process.startPooled({ key: 4, kind: 'embed', inputs: [] })
    await setImmediate()
    process.start({ key: 5 } as StartSequence)
    await setImmediate()
    const [, first, ...others] = sent
    expect(first).toMatchObject({ cancel: [1] })
    expect(others.map(({ start = [], pooled = [] }) => [...start, ...pooled].map(({ key }) => key))).toEqual([
      [2],
      [3],
      [4],
      [5],
    ])
  })
})
