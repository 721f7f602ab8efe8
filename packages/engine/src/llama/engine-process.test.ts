import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { silentLogger } from '@hadal/base'
import { describe, expect, it, vi } from 'vitest'
import { EngineProcess } from './engine-process.ts'

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
      // What Node gives: no pipes, no channel, and the error later.
      const child = Object.assign(new EventEmitter(), { kill: () => false }) as unknown as ChildProcess
      setImmediate(() => child.emit('error', new Error('spawn node EMFILE')))
      return child
    })
    const process = start()
    process.cancel(1)
    expect(await process.ended).toEqual({ how: 'spawn node EMFILE', lastWords: '' })
    expect(process.pid).toBeUndefined()
    await process.close()
  })
})
