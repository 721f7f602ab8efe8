import { ManualClock } from '@hadal/base'
import type { Verdict } from '@hadal/guard'
import { describe, expect, it } from 'vitest'
import type { GuardReporter } from './guard-reporter.ts'
import { type RequestedGuard, screenRequest } from './screen-request.ts'
import { ScreenedBefore } from './screened-before.ts'
import type { GuardPolicy, ServerGuard } from './server-guard.ts'

const policy: GuardPolicy = {
  failClosed: true,
  reply: '',
  blockAs: 'answer',
  tokenPrompts: 'allow',
  checks: { secrets: {}, personalData: {} },
  output: { holdBackTokens: 0, leak: 'off', canary: 'off', secrets: 'off', personalData: 'off' },
}
const allowed: Omit<Verdict, 'text' | 'role'> = {
  action: 'allow',
  language: 'en',
  findings: [],
  suspicion: {},
  abstained: {},
  failed: {},
  isNearMiss: false,
  timings: [],
  micros: 0,
}
const caller = { name: '', id: '' }
/** Messages with alternating roles, so that none are joined for screening. */
const bodyOf = (count: number): object => ({
  messages: Array.from({ length: count }, (_, at) => ({
    role: at % 2 === 0 ? 'user' : 'tool',
    content: `message ${at}`,
  })),
})

describe('the event loop', () => {
  /** Screens messages that take `millis` each. Returns the number of event-loop turns before each. */
  const turnsBefore = async (
    millis: readonly number[],
    signal: AbortSignal = new AbortController().signal,
    before: number[] = [],
  ): Promise<readonly number[]> => {
    const clock = new ManualClock()
    let turns = 0
    const turn = (): void => {
      turns += 1
      next = setImmediate(turn)
    }
    let next = setImmediate(turn)
    const guard: ServerGuard = {
      policyFor: () => policy,
      stepsFor: () => [],
      screen: async (text, { role }) => {
        clock.advance(millis[before.length] ?? 0)
        before.push(turns)
        return { ...allowed, text, role }
      },
    }
    const reporter = { report: () => {}, failed: () => {}, withheld: () => {} }
    const requested: RequestedGuard = {
      guard,
      before: new ScreenedBefore(),
      reporter: reporter as unknown as GuardReporter,
      canary: '',
      clock,
      signal,
    }
    await screenRequest('1', bodyOf(millis.length), caller, requested).finally(() => clearImmediate(next))
    return before.slice(0, millis.length)
  }

  it('gets a turn whenever screening has taken 8 ms since its last one', async () => {
    expect(await turnsBefore([8, 8, 8])).toEqual([0, 1, 2])
    expect(await turnsBefore([5, 5, 5, 5, 5])).toEqual([0, 0, 1, 1, 2])
    expect(await turnsBefore([30, 1, 1, 1])).toEqual([0, 1, 1, 1])
  })

  it('gets none where screening is quick', async () => {
    expect(await turnsBefore([1, 1, 1, 1, 1, 2])).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('lets a disconnected client stop the screening', async () => {
    const client = new AbortController()
    const before: number[] = []
    setImmediate(() => client.abort('gone'))
    const screening = turnsBefore([20, 20, 20], client.signal, before)
    await expect(screening).rejects.toBe('gone')
    expect(before).toHaveLength(1)
  })
})
