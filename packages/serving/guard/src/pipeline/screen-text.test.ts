import { ManualClock, systemClock } from '@hadal/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Action, actions, type Check, type Finding, nothing, type Step, type View } from '../check.ts'
import { defaultPolicy } from '../policy/presets.ts'
import type { Verdict, VerdictFinding } from '../verdict.ts'
import { type PlannedStep, type ScreenOptions, screenText } from './screen-text.ts'

const asItCame = (text: string): readonly View[] => [
  { name: 'original', path: [], text, toOriginal: (span) => span },
]
const starred = (text: string, findings: readonly VerdictFinding[]): string =>
  findings.reduce(
    (left, { span }) => left.slice(0, span.start) + '*'.repeat(span.end - span.start) + left.slice(span.end),
    text,
  )

const screen = (
  text: string,
  steps: readonly PlannedStep[],
  { policy = {}, ...others }: Partial<Omit<ScreenOptions, 'policy'>> & { policy?: object } = {},
): Promise<Verdict> =>
  screenText(text, {
    role: 'user',
    steps,
    policy: { ...defaultPolicy, ...policy },
    viewsOf: asItCame,
    redact: starred,
    clock: systemClock,
    ...others,
  })

const finding = (start = 0, end = 1, rule = 'test.rule'): Finding => ({
  rule,
  span: { start, end },
  view: 'original',
  why: 'a test',
})
const finds =
  (...findings: Finding[]): Check =>
  () => ({ findings })
const step = (name: string, action: Action, check: Check, more: Partial<PlannedStep> = {}): PlannedStep => ({
  name,
  layer: 'rules',
  action,
  check,
  ...more,
})

describe('a verdict', () => {
  it('allows a text without findings', async () => {
    expect(await screen('hi', [step('a', 'block', () => nothing)])).toMatchObject({
      action: 'allow',
      findings: [],
      text: 'hi',
      language: 'en',
      isNearMiss: false,
    })
  })

  it('is the severest action of all findings, severest first, in whichever order the checks are asked', async () => {
    const found = fc.record({ start: fc.nat(8), length: fc.nat(3), rule: fc.constantFrom('a', 'b') })
    const checks = fc.array(
      fc.record({ action: fc.constantFrom(...actions), found: fc.array(found, { maxLength: 3 }) }),
      { maxLength: 6 },
    )
    await fc.assert(
      fc.asyncProperty(checks, fc.infiniteStream(fc.nat()), async (given, chance) => {
        const steps = given.map(({ action, found }, at) =>
          step(`${at}`, action, finds(...found.map((f) => finding(f.start, f.start + f.length, f.rule)))),
        )
        const shuffled = steps
          .map((each) => ({ each, at: chance.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ each }) => each)
        const [one, other] = await Promise.all(
          [steps, shuffled].map((each) => screen('0123456789', each, { explain: true })),
        )
        expect(other!.findings).toEqual(one!.findings)
        expect(other!.action).toBe(one!.action)
        const severities = one!.findings.map(({ action }) => actions.indexOf(action))
        expect(severities).toEqual(severities.toSorted((a, b) => b - a))
        expect(one!.action).toBe(one!.findings[0]?.action ?? 'allow')
      }),
    )
  })

  it('stops at the first block unless explain is set', async () => {
    const steps = [step('a', 'block', finds(finding())), step('b', 'block', finds(finding()))]
    expect((await screen('hello', steps)).findings).toHaveLength(1)
    expect((await screen('hello', steps, { explain: true })).findings).toHaveLength(2)
  })

  it('redacts only what the policy redacts, and only where nothing worse was found', async () => {
    const steps = [step('a', 'redact', finds(finding(1, 3))), step('b', 'flag', finds(finding(4, 5)))]
    expect(await screen('hello', steps)).toMatchObject({ action: 'redact', text: 'h**lo' })
    const worse = [...steps, step('c', 'reply', finds(finding()))]
    expect(await screen('hello', worse, { policy: { reply: 'no' } })).toMatchObject({
      action: 'reply',
      text: 'hello',
      reply: 'no',
    })
  })

  it('asks only the steps that read the role', async () => {
    const steps = [step('a', 'block', finds(finding()), { roles: ['tool'] })]
    expect((await screen('hi', steps)).action).toBe('allow')
    expect((await screen('hi', steps, { role: 'tool' })).action).toBe('block')
  })

  it('is a near miss when the score is within nearMiss times the false positive rate and no check acted', async () => {
    const scored = (suspicion: number, found: readonly Finding[] = []): PlannedStep =>
      step('s', 'block', () => ({ findings: found, suspicion }), { falsePositiveRate: 0.01 })
    const isNear = async (...steps: PlannedStep[]): Promise<boolean> =>
      (await screen('hi', steps, { policy: { nearMiss: 3 } })).isNearMiss
    expect(await isNear(scored(0.975))).toBe(true)
    expect(await isNear(scored(0.96))).toBe(false)
    expect(await isNear(scored(0.995, [finding()]))).toBe(false)
    expect(await isNear(scored(0.975), step('b', 'block', finds(finding())))).toBe(false)
    expect(await isNear({ ...scored(0.975), action: 'flag' })).toBe(false)
  })

  it('times the views apart, and makes none for a text that a limit refuses', async () => {
    const reads = step('reads', 'flag', ({ views }) => ({ findings: views.length > 1 ? [finding()] : [] }))
    const timings = (await screen('hi', [step('a', 'flag', () => nothing), reads])).timings
    expect(timings.map(({ check }) => check)).toEqual(['views', 'a', 'reads'])
    const refused = await screen('hi', [step('limits', 'block', finds(finding())), reads], {
      viewsOf: () => {
        throw new Error('nobody asked')
      },
    })
    expect(refused.timings.map(({ check }) => check)).toEqual(['limits'])
  })

  it('counts the time of the views once', async () => {
    const clock = new ManualClock(1000)
    const takes = (millis: number): Check => {
      return ({ views }) => {
        clock.advance(millis)
        return views.length > 9 ? { findings: [finding()] } : nothing
      }
    }
    const { timings, micros } = await screen(
      'hi',
      [step('a', 'flag', takes(2)), step('b', 'flag', takes(3))],
      {
        clock,
        viewsOf: (text) => {
          clock.advance(5)
          return asItCame(text)
        },
      },
    )
    expect(timings.map(({ check, micros }) => [check, micros])).toEqual([
      ['views', 5000],
      ['a', 2000],
      ['b', 3000],
    ])
    expect(micros).toBe(10_000)
  })

  it('reads no more of a text than it may, and cuts no character in two', async () => {
    let seen = ''
    const reads = step('reads', 'flag', ({ views, text }) => {
      seen = `${views[0]!.text}|${text.length}`
      return nothing
    })
    const { abstained } = await screen('ab😀cd', [reads], { policy: { maxCharacters: 3 } })
    expect(seen).toBe('ab|6')
    expect(abstained).toEqual({ views: 'read 3 of 6 characters' })
    expect((await screen('ab😀c', [reads], { policy: { maxCharacters: 5 } })).abstained).toEqual({})
  })
})

describe('a check that fails', () => {
  const broken: readonly (readonly [string, Check])[] = [
    [
      'throws',
      () => {
        throw new Error('out of order')
      },
    ],
    ['rejects', () => Promise.reject(new Error('out of order'))],
    ['says nothing', (() => undefined) as unknown as Check],
    ['says nothing later', (async () => 'hm') as unknown as Check],
    ['throws what is no error', (() => Promise.reject(null)) as unknown as Check],
    [
      'throws what has no words',
      () => {
        throw Object.create(null)
      },
    ],
    ['finds nothing later, and says so', (async () => ({ findings: [null] })) as unknown as Check],
    [
      'says later what has no words',
      (async () => ({ findings: [], abstained: Object.create(null) })) as Check,
    ],
  ]

  it.each(broken)('%s: blocks where the policy fails closed, and not where it does not', async (_, check) => {
    const steps = [step('a', 'redact', check), step('b', 'flag', finds(finding()))]
    const closed = await screen('hi', steps)
    expect(closed).toMatchObject({ action: 'block', findings: [{ rule: 'guard.failed', check: 'a' }, {}] })
    expect(closed.findings[0]!.span).toEqual({ start: 0, end: 2 })
    expect(closed.failed.a).toEqual(expect.any(String))
    const open = await screen('hi', steps, { policy: { failClosed: false } })
    expect(open).toMatchObject({ action: 'flag', failed: { a: closed.failed.a } })
  })

  it.each(broken)('%s: never blocks where it would only flag', async (_, check) => {
    const verdict = await screen('hi', [step('a', 'flag', check)])
    expect(verdict).toMatchObject({ action: 'allow', failed: { a: expect.any(String) } })
  })

  it('yields to one that blocks of itself, also where it was asked before', async () => {
    const steps = [step('a', 'block', broken[0]![1]), step('b', 'block', finds(finding(1, 2)))]
    expect((await screen('hi', steps)).findings.map(({ rule }) => rule)).toEqual([
      'test.rule',
      'guard.failed',
    ])
  })

  it('may be a view that cannot be made', async () => {
    const reads = step('reads', 'block', ({ views }) => ({ findings: views.length > 9 ? [finding()] : [] }))
    const verdict = await screen('hi', [reads], {
      viewsOf: () => {
        throw new Error('no views')
      },
    })
    expect(verdict).toMatchObject({ action: 'block', failed: { reads: 'no views' } })
  })
})

describe('a check that hangs', () => {
  const forever: Check = () => new Promise(() => {})

  it('is aborted after its timeout, and its signal gets the reason', async () => {
    const clock = new ManualClock()
    let reported: unknown
    const hangs: Check = ({ signal }) => {
      signal!.addEventListener('abort', () => {
        reported = signal!.reason
      })
      return new Promise(() => {})
    }
    const screening = screen('hi', [step('a', 'block', hangs)], { clock, policy: { timeoutMillis: 50 } })
    await Promise.resolve()
    clock.advance(50)
    expect(await screening).toMatchObject({ action: 'block', failed: { a: 'no response within 50 ms' } })
    expect(reported).toBe('no response within 50 ms')
  })

  it('ends when the caller aborts', async () => {
    const caller = new AbortController()
    const screening = screen('hi', [step('a', 'block', forever)], { signal: caller.signal })
    caller.abort('gone')
    await expect(screening).rejects.toBe('gone')
    await expect(screen('hi', [], { signal: caller.signal })).rejects.toBe('gone')
  })

  it('is aborted with the reason of its caller', async () => {
    const caller = new AbortController()
    const reasons: unknown[] = []
    const waits: Check = ({ signal }) => {
      signal!.addEventListener('abort', () => reasons.push(signal!.reason))
      return new Promise(() => {})
    }
    const screening = screen('hi', [step('a', 'block', waits)], { signal: caller.signal })
    caller.abort('gone')
    await expect(screening).rejects.toBe('gone')
    expect(reasons).toEqual(['gone'])
  })

  it('is not waited for where its caller left while it began', async () => {
    const caller = new AbortController()
    const leaves: Check = () => {
      caller.abort('gone')
      return new Promise(() => {})
    }
    const options = { clock: new ManualClock(), signal: caller.signal }
    await expect(screen('hi', [step('a', 'block', leaves)], options)).rejects.toBe('gone')
  })

  it('leaves no timer behind where it answers', async () => {
    const clock = new ManualClock()
    const sleeps: AbortSignal[] = []
    const watched = {
      ...clock,
      now: () => 0,
      wallClock: () => 0,
      sleep: (millis: number, signal?: AbortSignal) => {
        sleeps.push(signal!)
        return clock.sleep(millis, signal)
      },
    }
    await screen('hi', [step('a', 'block', async () => nothing)], { clock: watched })
    expect(sleeps.map(({ aborted }) => aborted)).toEqual([true])
  })
})

describe('what a check returns', () => {
  it('reaches the verdict with the nearest attack and the replacement, and nothing else', async () => {
    const found = { ...finding(), nearest: 'attack-7', replacement: '[card]' }
    const { findings } = await screen('hi', [
      step('a', 'flag', finds({ ...found, extra: 1 } as Finding, finding())),
    ])
    expect(findings[0]).toEqual({ ...found, check: 'a', layer: 'rules', action: 'flag' })
    expect(Object.keys(findings[1]!)).not.toContain('nearest')
    expect(Object.keys(findings[1]!)).not.toContain('replacement')
  })

  it.each([
    [0.3, 0.3],
    [-2, 0],
    [7, 1],
    [Number.NaN, 0],
    ['0.5', 0.5],
    ['much', 0],
  ])('is a suspicion from 0 to 1: of %j it is %j', async (said, kept) => {
    const scored = (() => ({ findings: [], suspicion: said })) as unknown as Check
    expect((await screen('hi', [step('a', 'flag', scored)])).suspicion).toEqual({ a: kept })
  })

  it.each([
    [0.5, 1.5, { start: 0, end: 2 }],
    [3, 1, { start: 3, end: 3 }],
    [-5, 99, { start: 0, end: 5 }],
    [Number.NaN, 2, { start: 0, end: 5 }],
    [1, Number.POSITIVE_INFINITY, { start: 0, end: 5 }],
  ])('covers whole characters of the text: %j to %j', async (start, end, span) => {
    const { findings } = await screen('hello', [step('a', 'flag', finds(finding(start, end)))])
    expect(findings[0]!.span).toEqual(span)
  })
})

describe('the event loop', () => {
  /** Screens with checks that take `millis` each. Returns the number of event-loop turns before each. */
  const turnsBefore = async (
    millis: readonly number[],
    options: Parameters<typeof screen>[2] = {},
  ): Promise<readonly number[]> => {
    const clock = new ManualClock()
    let turns = 0
    const turn = (): void => {
      turns += 1
      next = setImmediate(turn)
    }
    let next = setImmediate(turn)
    const before: number[] = []
    const steps = millis.map((each, at) =>
      step(`${at}`, 'flag', () => {
        before.push(turns)
        clock.advance(each)
        return nothing
      }),
    )
    await screen('hi', steps, { clock, ...options }).finally(() => clearImmediate(next))
    return before
  }

  it('gets a turn whenever checks have taken more than 10 ms since its last one', async () => {
    expect(await turnsBefore([11, 11, 11])).toEqual([0, 1, 2])
    expect(await turnsBefore([6, 6, 6, 6, 6])).toEqual([0, 0, 1, 1, 2])
    expect(await turnsBefore([30, 1, 1, 1])).toEqual([0, 1, 1, 1])
  })

  it('gets none where checks are quick: a turn costs more than they do', async () => {
    expect(await turnsBefore([2, 2, 2, 2, 2, 9])).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('lets the caller abort between two slow checks', async () => {
    const caller = new AbortController()
    let screened = 0
    const clock = new ManualClock()
    const slow = step('slow', 'flag', () => {
      screened += 1
      clock.advance(20)
      return nothing
    })
    setImmediate(() => caller.abort('gone'))
    const screening = screen('hi', [slow, slow], { clock, signal: caller.signal })
    await expect(screening).rejects.toBe('gone')
    expect(screened).toBe(1)
  })
})

it('spans that are none become such of the text', async () => {
  const spans = [
    [-5, 99],
    [Number.NaN, 2],
    [3, 1],
    [0.5, 1.5],
  ] as const
  const verdict = await screen('hello', [step('a', 'flag', finds(...spans.map(([a, b]) => finding(a, b))))])
  for (const { span } of verdict.findings) {
    expect(span.start).toBeGreaterThanOrEqual(0)
    expect(span.end).toBeLessThanOrEqual(5)
    expect(span.end).toBeGreaterThanOrEqual(span.start)
  }
  const without = (() => ({ findings: [{ rule: 'x' }] })) as unknown as Step['check']
  expect((await screen('hello', [step('a', 'flag', without)])).findings[0]!.span).toEqual({
    start: 0,
    end: 5,
  })
})
