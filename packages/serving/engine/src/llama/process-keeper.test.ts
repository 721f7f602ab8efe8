import { setImmediate } from 'node:timers/promises'
import { ManualClock, silentLogger } from '@hadal/base'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { modelUnusable } from '../errors.ts'
import type { FromProcess, ToProcess } from './messages.ts'
import { type LlamaEngineOptions, resolveOptions } from './options.ts'
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
    readonly headStartMillis = 0
    readonly ended: Promise<unknown>
    constructor(open: ToProcess, say: (message: FromProcess) => void) {
      const { promise, resolve } = withResolvers()
      this.ended = promise
      this.#die = async () => {
        resolve({ how: 'SIGKILL', lastWords: '' })
        await setImmediate()
      }
      started.push({ open, say, die: this.#die })
    }
    readonly #die: () => Promise<void>
    kill(): void {
      void this.#die()
    }
    async close(): Promise<void> {
      await this.#die()
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

const ready = {
  type: 'ready',
  model: {},
  choices: [],
  lostAdapters: [],
  phases: { node: 67 },
  kvBudgetBytes: 4096,
} as unknown as FromProcess
const failed = { type: 'failed', error: modelUnusable('a.gguf', 'gone').toJSON() } as FromProcess
const step: FromProcess = { type: 'step', kvCacheUsage: 0, events: [], answers: [] }

const keep = (options: Partial<LlamaEngineOptions> = {}) => {
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
  const config = resolveOptions({ modelPath: 'a.gguf', ...options })
  const keeper = new ProcessKeeper(config, adapters, events, clock, silentLogger)
  const pass = async (millis: number) => {
    clock.advance(millis)
    await setImmediate()
  }
  return { heard, pass, keeper }
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
    expect(why.heard).toEqual(['died', expect.stringMatching(/^gave up: cannot serve a.gguf/)])

    started.splice(0)
    const silent = keep()
    for (let start = 0; start < 4; start += 1) {
      await started[start]!.die()
      await silent.pass(1000)
    }
    expect(silent.heard.at(-1)).toMatch(/^gave up: .*failed to start: SIGKILL/)
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

describe('a process that stands by', () => {
  it('is started once the first one is ready, with as much memory, and takes over at once', async () => {
    const { heard, keeper } = keep({ standby: true })
    expect(started).toHaveLength(1)
    started[0]!.say(ready)
    expect(started).toHaveLength(2)
    expect(started[1]!.open.open).toMatchObject({ modelPath: 'a.gguf', kvCacheBytes: 4096 })
    started[1]!.say(ready)
    expect(heard).toEqual(['ready'])
    await started[0]!.die()
    expect(heard).toEqual(['ready', 'died', 'ready'])
    expect(keeper.restarts).toBe(1)
    started[0]!.say(step)
    started[1]!.say(step)
    expect(heard).toEqual(['ready', 'died', 'ready', 'step'])
    expect(started).toHaveLength(3)
    expect(started[2]!.open.open).toMatchObject({ kvCacheBytes: 4096 })
  })

  it('that still loads is waited for', async () => {
    const { heard, keeper } = keep({ standby: true })
    started[0]!.say(ready)
    await started[0]!.die()
    expect([heard.at(-1), keeper.process, started.length]).toEqual(['died', undefined, 2])
    started[1]!.say(ready)
    expect([heard.at(-1), started.length]).toEqual(['ready', 3])
  })

  it('that dies is replaced with backoff, without notifying anyone', async () => {
    const { heard, pass } = keep({ standby: true })
    started[0]!.say(ready)
    await started[1]!.die()
    expect(started).toHaveLength(3)
    started[2]!.say(failed)
    await started[2]!.die()
    expect(started).toHaveLength(3)
    await pass(100)
    expect(started).toHaveLength(4)
    expect(heard).toEqual(['ready'])
  })

  it('is loaded again when there are other adapters', async () => {
    const { keeper } = keep({ standby: true })
    started[0]!.say(ready)
    started[1]!.say(ready)
    keeper.adaptersChanged()
    await setImmediate()
    expect(started).toHaveLength(3)
    expect(started[2]!.open.adapters).toMatchObject({ files: [{ ref: 3 }], mayBeLost: true })
  })

  it('is closed with the other one', async () => {
    const { keeper, pass } = keep({ standby: true })
    started[0]!.say(ready)
    await keeper.close()
    await pass(10_000)
    expect(started).toHaveLength(2)
  })
})
