import { setImmediate } from 'node:timers/promises'
import { ManualClock, silentLogger } from '@hadal/base'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { modelUnusable } from '../errors.ts'
import type { FromProcess, ToProcess } from './messages.ts'
import { resolveOptions } from './options.ts'
import { ProcessKeeper } from './process-keeper.ts'

interface Started {
  readonly open: ToProcess
  readonly say: (message: FromProcess) => void
  readonly die: () => Promise<void>
}

const started: Started[] = vi.hoisted(() => [])

vi.mock('./engine-process.ts', () => ({
  EngineProcess: class {
    readonly pid = 1
    readonly ended: Promise<unknown>
    constructor(open: ToProcess, say: (message: FromProcess) => void) {
      const { promise, resolve } = withResolvers()
      this.ended = promise
      started.push({
        open,
        say,
        die: async () => {
          resolve({ how: 'SIGKILL', lastWords: '' })
          await setImmediate()
        },
      })
    }
  },
}))

function withResolvers() {
  let resolve: (value: unknown) => void = () => {}
  const promise = new Promise<unknown>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

const ready = { type: 'ready', model: {}, choices: [], lostAdapters: [] } as unknown as FromProcess
const failed = { type: 'failed', error: modelUnusable('a.gguf', 'gone').toJSON() } as FromProcess
const step: FromProcess = { type: 'step', kvCacheUsage: 0, events: [], answers: [] }

const keep = () => {
  const heard: string[] = []
  const clock = new ManualClock()
  const events = {
    ready: () => heard.push('ready'),
    step: () => heard.push('step'),
    pooled: () => heard.push('pooled'),
    died: () => heard.push('died'),
    outOfService: (error: Error) => heard.push(`out of service: ${error.message}`),
    gaveUp: (error: Error) => heard.push(`gave up: ${error.message}`),
  }
  const adapters = () => [{ ref: started.length + 1, path: 'adapter.gguf' }]
  new ProcessKeeper(resolveOptions({ modelPath: 'a.gguf' }), adapters, events, clock, silentLogger)
  const pass = async (millis: number) => {
    clock.advance(millis)
    await setImmediate()
  }
  return { heard, pass }
}

beforeEach(() => void started.splice(0))

describe('ProcessKeeper', () => {
  it('hears only the process that runs', async () => {
    const { heard } = keep()
    const first = started[0]!
    first.say(ready)
    await first.die()
    first.say(step)
    first.say(ready)
    started[1]!.say(ready)
    first.say(step)
    started[1]!.say(step)
    expect(heard).toEqual(['ready', 'died', 'ready', 'step'])
  })

  it('lets adapters be lost once there was a process that had them, and asks again which there are', async () => {
    keep()
    expect(started[0]!.open.adapters).toEqual({ files: [{ ref: 1, path: 'adapter.gguf' }], mayBeLost: false })
    started[0]!.say(ready)
    await started[0]!.die()
    expect(started[1]!.open.adapters).toEqual({ files: [{ ref: 2, path: 'adapter.gguf' }], mayBeLost: true })
  })

  it('gives up on a process that was never ready: at once when it says why, else after four', async () => {
    const why = keep()
    started[0]!.say(failed)
    await started[0]!.die()
    expect(why.heard).toEqual(['died', expect.stringMatching(/^gave up: a.gguf cannot/)])

    started.splice(0)
    const silent = keep()
    for (let start = 0; start < 4; start += 1) {
      await started[start]!.die()
      await silent.pass(1000)
    }
    expect(silent.heard.at(-1)).toMatch(/^gave up: .*does not start: SIGKILL/)
    expect(started).toHaveLength(4)
  })

  it('never gives up on one that was, at least once in ten seconds', async () => {
    const { heard, pass } = keep()
    started[0]!.say(ready)
    await started[0]!.die()
    for (let start = 1; start < 50; start += 1) {
      started[start]!.say(failed)
      await started[start]!.die()
      await pass(10_000)
    }
    expect(started).toHaveLength(51)
    expect(heard.filter((each) => each.startsWith('out of service: '))).toHaveLength(46)
    expect(heard.join()).not.toContain('gave up')
    started[50]!.say(ready)
    expect(heard.at(-1)).toBe('ready')
  })
})
