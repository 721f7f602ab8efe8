import { HadalError, ManualClock } from '@hadal/base'
import { describe, expect, it } from 'vitest'
import { engineCrashed, invalidToken } from '../errors.ts'
import type { PooledWork } from './messages.ts'
import { PooledDesk } from './pooled-desk.ts'

function desk() {
  const started: PooledWork[] = []
  const cancelled: number[] = []
  const pooled = new PooledDesk({
    maxBatchSize: 1,
    maxQueue: 1,
    timeoutMicros: 0,
    clock: new ManualClock(),
    process: () => ({
      startPooled: (work) => started.push(work),
      cancelPooled: (key) => cancelled.push(key),
    }),
    onChange: () => {},
  })
  const embed = (signal?: AbortSignal) => pooled.run({ kind: 'embed', inputs: ['a'] }, signal)
  return { pooled, started, cancelled, embed }
}
const vectors = (key: number) => ({ key, vectors: [''], tokens: [1] })

describe('PooledDesk', () => {
  it('gives each its own result or error, and the next its place', async () => {
    const { pooled, started, embed } = desk()
    const [first, second] = [embed(), embed()]
    await expect(embed()).rejects.toMatchObject({ code: 'queue_full' })
    expect(started.map(({ key }) => key)).toEqual([1])
    pooled.receive([vectors(1)])
    expect(await first).toEqual(vectors(1))
    expect(started.map(({ key }) => key)).toEqual([1, 2])
    pooled.receive([{ key: 2, error: invalidToken(9, 5).toJSON() }])
    await expect(second).rejects.toMatchObject({ code: 'invalid_token' })
    expect([pooled.running, pooled.waiting, pooled.isOwed]).toEqual([0, 0, false])
  })

  it('drops what is cancelled, wherever it is, and waits for the process to have heard it', async () => {
    const { pooled, started, cancelled, embed } = desk()
    const [first, second] = [new AbortController(), new AbortController()]
    const [running, waiting] = [embed(first.signal), embed(second.signal)]
    second.abort('gone')
    await expect(waiting).rejects.toBe('gone')
    expect(pooled.waiting).toBe(0)
    first.abort('gone, too')
    await expect(running).rejects.toBe('gone, too')
    expect([started.length, cancelled, pooled.running, pooled.isOwed]).toEqual([1, [1], 0, true])
    // A pass was under way.
    pooled.receive([vectors(1)])
    expect(pooled.isOwed).toBe(false)
    await expect(embed(AbortSignal.abort('before'))).rejects.toBe('before')
  })

  it('fails those in a process that died, and keeps those in line', async () => {
    const { pooled, started, embed } = desk()
    const [running, waiting] = [embed(), embed()]
    pooled.failRunning(() => engineCrashed('SIGKILL'))
    await expect(running).rejects.toBeInstanceOf(HadalError)
    pooled.dispatch()
    expect(started.map(({ key }) => key)).toEqual([1, 2])
    const late = embed()
    pooled.failWaiting(engineCrashed('for good'))
    await expect(late).rejects.toMatchObject({ code: 'engine_crashed' })
    pooled.receive([vectors(2)])
    expect(await waiting).toEqual(vectors(2))
  })
})
