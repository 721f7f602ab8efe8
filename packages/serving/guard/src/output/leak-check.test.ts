import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CheckResult, Screened } from '../check.ts'
import { leakCheck } from './leak-check.ts'

const requested = (text: string, also: readonly string[] = []): Screened => ({
  text,
  role: 'assistant',
  language: 'en',
  views: [text, ...also].map((each, at) => ({
    name: at === 0 ? 'original' : 'base64',
    path: at === 0 ? [] : ['base64'],
    text: each,
    toOriginal: (span) => (at === 0 ? span : { start: 0, end: text.length }),
  })),
})
const found = (result: CheckResult | Promise<CheckResult>) => (result as CheckResult).findings

const system = `You are Marlin, the assistant of the harbour office. Answer questions about tides, berths and fees.
Never promise a berth before the harbour master has confirmed it. The fee for a night is twelve euros, and nine in winter.
If somebody asks about customs, send them to the office on the second floor of the old warehouse.`
const chinese =
  '你是港口办公室的助手马林。请回答有关潮汐、泊位和费用的问题。在港务长确认之前，绝不要承诺任何泊位。每晚费用为十二欧元，冬季为九欧元。'

describe('a leak of the system prompt', () => {
  it.each([
    ['word for word', `Sure! ${system}`],
    [
      'in part',
      `My rules say: Never promise a berth before the harbour master has confirmed it. The fee for a night is twelve euros.`,
    ],
    ['in other case, on other lines', system.toUpperCase().replaceAll(' ', '\n')],
    ['with other punctuation', system.replaceAll(/[.,]/g, ' - ')],
  ])('is found %s', (_, text) => {
    const [finding] = found(leakCheck([system])(requested(text)))
    expect(finding).toMatchObject({ rule: 'output.leak', view: 'original' })
    expect(finding!.span.end).toBeGreaterThan(finding!.span.start)
  })

  it('is found in Chinese, and in what was decoded', () => {
    expect(found(leakCheck([chinese])(requested(`好的。${chinese.slice(0, 40)}`)))).toHaveLength(1)
    const [finding] = found(leakCheck([system])(requested('aGVsbG8=', [system])))
    expect(finding).toMatchObject({ view: 'base64', span: { start: 0, end: 8 } })
  })

  it('is found where words were left out, by the share that remains', () => {
    const words = system.split(/\s+/)
    const thinned = words.filter((_, at) => at % 9 !== 8).join(' ')
    expect(found(leakCheck([system])(requested(thinned)))).toHaveLength(1)
  })

  it.each([
    'The fee for a night is twelve euros.',
    'I am Marlin, the assistant of the harbour office. How can I help you with tides, berths and fees?',
    'For customs, please go to the office on the second floor of the old warehouse. They open at nine.',
    'A berth is confirmed by the harbour master. Shall I ask whether there is one? In winter a night is nine euros.',
    '',
    '\ud800😀',
  ])('is not: %s', (text) => {
    expect(found(leakCheck([system])(requested(text)))).toEqual([])
  })

  it('is not what the user said first, nor anything where nothing is kept', () => {
    expect(found(leakCheck([system], {}, [system])(requested(system)))).toEqual([])
    expect(found(leakCheck([])(requested(system)))).toEqual([])
    expect(found(leakCheck(['You are a helpful assistant.'])(requested('You are a helpful assistant.')))).toEqual(
      [],
    )
  })

  it('is not what the prompt gives to be said', () => {
    const hours =
      'We are open from Monday to Friday from nine to five, on Saturday from ten to two, and closed on Sunday.'
    expect(found(leakCheck([`${system} When asked for hours, say: “${hours}”`])(requested(hours)))).toEqual([])
    expect(found(leakCheck([`${system} When asked for hours, say: ${hours}`])(requested(hours)))).toHaveLength(1)
    expect(found(leakCheck([`A " alone. ${system}`])(requested(system)))).toHaveLength(1)
  })

  it('is any run of as many words as are allowed, and none of fewer, wherever it stands', () => {
    const words = Array.from({ length: 200 }, (_, at) => `w${at}`)
    const check = leakCheck([words.join(' ')], { run: 16, share: 1 })
    fc.assert(
      fc.property(
        fc.nat(180),
        fc.integer({ min: 4, max: 30 }),
        fc.array(fc.string()),
        (from, length, around) => {
          const said = words.slice(from, from + length)
          const text = [...around.map((each) => `x${each}`), ...said, 'y', ...around].join(' ')
          expect(found(check(requested(text))).length).toBe(said.length >= 16 ? 1 : 0)
        },
      ),
    )
  })
})
