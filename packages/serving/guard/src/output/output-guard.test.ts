import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Action, Span } from '../check.ts'
import { StreamRedactor } from '../rules/stream-redactor.ts'
import type { Verdict, VerdictFinding } from '../verdict.ts'
import { leakCheck } from './leak-check.ts'
import { OutputGuard, type OutputGuardOptions, type OutputStep } from './output-guard.ts'
import type { Redactor } from './redactions.ts'

function verdict(action: Verdict['action'], findings: readonly VerdictFinding[] = []): Verdict {
  return {
    action,
    role: 'assistant',
    language: 'en',
    findings,
    text: '',
    ...(action === 'reply' && { reply: 'no' }),
    suspicion: {},
    abstained: {},
    failed: {},
    isNearMiss: false,
    timings: [],
    micros: 1,
  }
}

/** Flags a word. */
function finding(text: string, word: string, action: Action): VerdictFinding[] {
  return [...text.matchAll(new RegExp(word, 'g'))].map(({ index }) => ({
    rule: word,
    span: { start: index, end: index + word.length },
    view: 'original',
    why: 'it is there',
    check: 'words',
    layer: 'output',
    action,
    ...(action === 'redact' && { replacement: '[x]' }),
  }))
}

const screens =
  (word: string, action: Action): OutputGuardOptions['screen'] =>
  async (text) => {
    const findings = finding(text, word, action)
    return findings.length === 0 ? verdict('allow') : verdict(action, findings)
  }

interface Run {
  readonly sent: string
  /** Token counts when each piece was sent, and at its end. */
  readonly ended: boolean
  readonly sentTokens: number
  readonly steps: readonly OutputStep<number>[]
}

async function run(
  options: OutputGuardOptions,
  pieces: readonly string[],
  channel = 'content',
): Promise<Run> {
  const guard = new OutputGuard<number>(options)
  const steps: OutputStep<number>[] = []
  for (const [item, text] of pieces.entries())
    steps.push(await guard.push({ item, channel, text, tokens: 1 }))
  steps.push(await guard.end())
  const released = steps.flatMap((step) => step.released)
  return {
    sent: released.map(({ text }) => text).join(''),
    ended: steps.some((step) => step.ended !== undefined),
    sentTokens: released.length,
    steps,
  }
}

const pieces = fc.array(
  fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'secret', 'é', '😀'), maxLength: 3 }),
  {
    maxLength: 60,
  },
)

describe('what is held back', () => {
  it('is sent whole and in order where nothing was found', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.nat(30), async (texts, holdBackTokens) => {
        const { sent, ended } = await run({ screen: screens('zzz', 'block'), holdBackTokens }, texts)
        expect(sent).toBe(texts.join(''))
        expect(ended).toBe(false)
      }),
    )
  })

  it('is never sent once something was found: what was sent is the beginning, without the last tokens', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 30 }), async (texts, holdBackTokens) => {
        const guard = new OutputGuard<number>({ screen: screens('secret', 'block'), holdBackTokens })
        let sent = ''
        for (const [item, text] of texts.entries()) {
          const { released, ended } = await guard.push({ item, channel: 'content', text, tokens: 1 })
          sent += released.map((piece) => piece.text).join('')
          const came = texts.slice(0, item + 1)
          expect(
            came
              .slice(0, Math.max(0, came.length - holdBackTokens))
              .join('')
              .startsWith(sent),
          ).toBe(true)
          if (ended === undefined) continue
          expect(texts.join('').startsWith(sent)).toBe(true)
          expect((await guard.push({ item, channel: 'content', text: 'more', tokens: 1 })).released).toEqual(
            [],
          )
          expect((await guard.end()).released).toEqual([])
          return
        }
        const { released, ended } = await guard.end()
        if (texts.join('').includes('secret')) {
          expect(ended).toBeDefined()
          expect(released).toEqual([])
        } else expect(sent + released.map((piece) => piece.text).join('')).toBe(texts.join(''))
      }),
    )
  })

  it('is released after every N screened tokens, not only at the end', async () => {
    const { steps } = await run(
      { screen: screens('zzz', 'block'), holdBackTokens: 4 },
      'abcdefghijkl'.split(''),
    )
    const sentSoFar = steps.map(({ released }) => released.map(({ text }) => text).join(''))
    expect(sentSoFar).toEqual(['', '', '', '', '', 'ab', '', 'cd', '', 'ef', '', 'gh', 'ijkl'])
  })

  it('keeps the order of channels, and screens each as a text of its own', async () => {
    const guard = new OutputGuard<string>({ screen: screens('ab', 'block'), holdBackTokens: 2 })
    const said: string[] = []
    for (const [channel, text] of [
      ['reasoning', 'a'],
      ['content', 'b'],
      ['reasoning', 'c'],
      ['arguments 0', 'd'],
    ] as const) {
      const { released } = await guard.push({ item: `${channel}:${text}`, channel, text, tokens: 1 })
      said.push(...released.map(({ item }) => item))
    }
    said.push(...(await guard.end()).released.map(({ item }) => item))
    expect(said).toEqual(['reasoning:a', 'content:b', 'reasoning:c', 'arguments 0:d'])
  })

  it('is replaced where the action is to redact, however it is cut, and nothing of it is sent', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('se', 'cret', 'secret', 'x ', 's', ' y'), { maxLength: 30 }),
        fc.integer({ min: 8, max: 30 }),
        async (texts, holdBackTokens) => {
          const { sent } = await run({ screen: screens('secret', 'redact'), holdBackTokens }, texts)
          expect(sent).toBe(texts.join('').replaceAll('secret', '[x]'))
        },
      ),
    )
  })

  it('says the reply where nothing was said yet, and nothing where something was', async () => {
    const guard = (): OutputGuard<number> =>
      new OutputGuard({ screen: screens('bad', 'reply'), holdBackTokens: 2 })
    const early = guard()
    await early.push({ item: 0, channel: 'content', text: 'ba', tokens: 1 })
    const { ended } = await early.push({ item: 1, channel: 'content', text: 'd', tokens: 1 })
    expect(ended).toMatchObject({ reply: 'no', withheldTokens: 2 })
    const late = guard()
    for (const text of 'good '.split('')) await late.push({ item: 0, channel: 'content', text, tokens: 1 })
    const last = await late.push({ item: 0, channel: 'content', text: 'bad', tokens: 1 })
    expect(last.ended).toBeDefined()
    expect(last.ended?.reply).toBeUndefined()
  })

  it('reports the same thing once, with its place in the whole text', async () => {
    const guard = new OutputGuard<number>({ screen: screens('flagged', 'flag'), holdBackTokens: 4 })
    for (const text of ['some words and then ', 'flag', 'ged', ' and more', ' and more', ' and more'])
      await guard.push({ item: 0, channel: 'content', text, tokens: 2 })
    await guard.end()
    expect(guard.verdict).toMatchObject({ action: 'flag', findings: [{ span: { start: 20, end: 27 } }] })
    expect(guard.verdict!.findings).toHaveLength(1)
  })

  it('screens a part of a long text each time, so that the work grows with its length alone', async () => {
    let characters = 0
    const screen = async (text: string): Promise<Verdict> => {
      characters += text.length
      return verdict('allow')
    }
    const work = async (tokens: number): Promise<number> => {
      characters = 0
      await run({ screen, holdBackTokens: 8 }, Array<string>(tokens).fill('four'))
      return characters
    }
    const [some, more] = [await work(4_000), await work(8_000)]
    expect(more / some).toBeLessThan(2.2)
  })

  it('that is replaced again and again takes no more time for each than for the first', async () => {
    const cpuMicros = async (count: number): Promise<number> => {
      const begin = process.cpuUsage()
      const guard = new OutputGuard<number>({
        screen: async () => verdict('allow'),
        holdBackTokens: 4,
        redactor: () => new StreamRedactor({ personalData: ['email'] }),
      })
      for (let at = 0; at < count; at += 1)
        await guard.push({ item: at, channel: 'content', text: `ann${at}@example.org `, tokens: 4 })
      await guard.end()
      const { user, system } = process.cpuUsage(begin)
      return user + system
    }
    const least = async (count: number): Promise<number> =>
      Math.min(await cpuMicros(count), await cpuMicros(count), await cpuMicros(count))
    await cpuMicros(1000)
    const few = await least(1000)
    // 8 if linear; 64 if quadratic.
    expect((await least(8000)) / few).toBeLessThan(24)
  })

  it('lets no word of a leak out, where a run of words is shorter than what is held back', async () => {
    const system = Array.from({ length: 120 }, (_, at) => `rule${at}`)
    const check = leakCheck([system.join(' ')], { run: 16 })
    const screen = async (text: string): Promise<Verdict> => {
      const original = { name: 'original', path: [], text, toOriginal: (span: Span) => span }
      const { findings } = await check({ text, role: 'assistant', language: 'en', views: [original] })
      const also = { check: 'leak', layer: 'output', action: 'block' } as const
      return findings.length === 0
        ? verdict('allow')
        : verdict(
            'block',
            findings.map((each) => ({ ...each, ...also })),
          )
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(60), fc.nat(90), async (before, from) => {
        const words = [...Array<string>(before).fill('so'), ...system.slice(from)].map((word) => `${word} `)
        const { sent, ended } = await run({ screen, holdBackTokens: 24 }, words)
        expect(ended).toBe(true)
        expect(sent).not.toContain('rule')
      }),
    )
  })

  it('waits for a redactor that is not sure yet', async () => {
    // Replaces `<...>` of any length.
    const redactor = (): Redactor => {
      const found: { rule: string; span: { start: number; end: number }; replacement: string }[] = []
      let [text, from] = ['', 0]
      const write = (isLast: boolean): string => {
        let written = ''
        for (;;) {
          const start = text.indexOf('<', from)
          const end = text.indexOf('>', start) + 1
          const to = start < 0 ? text.length : start
          written += text.slice(from, to)
          from = to
          if (start < 0) return written
          if (end === 0 && !isLast) return written
          if (end === 0) return written + text.slice(from)
          found.push({ rule: 'angle', span: { start, end }, replacement: '[]' })
          written += '[]'
          from = end
        }
      }
      return {
        found,
        push(more) {
          text += more
          return write(false)
        },
        end: () => write(true),
      }
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('<', '>', 'a', 'b'), maxLength: 4 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 6 }),
        async (texts, holdBackTokens) => {
          const { sent } = await run({ screen: screens('zzz', 'block'), holdBackTokens, redactor }, texts)
          expect(sent).toBe(texts.join('').replaceAll(/<[^>]*>/g, '[]'))
        },
      ),
    )
  })
})
