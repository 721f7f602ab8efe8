import { describe, expect, it } from 'vitest'
import type { Verdict } from '../verdict.ts'
import { OutputObserver } from './output-observer.ts'

const seen = (text: string): Verdict => ({
  action: text.includes('leak') ? 'flag' : 'allow',
  role: 'assistant',
  language: 'en',
  findings: text.includes('leak')
    ? [
        {
          rule: 'leak',
          span: { start: text.indexOf('leak'), end: text.indexOf('leak') + 4 },
          view: 'original',
          why: '',
          check: 'leak',
          layer: 'output',
          action: 'flag',
        },
      ]
    : [],
  text,
  suspicion: {},
  abstained: {},
  failed: {},
  isNearMiss: false,
  timings: [],
  micros: 1,
})

describe('an observer', () => {
  it('sees everything that is written, in windows, and says it once', async () => {
    let screened = ''
    const observer = new OutputObserver({
      everyCharacters: 100,
      screen: async (text) => {
        screened = screened.slice(0, -text.length) + text
        return seen(text)
      },
    })
    for (let at = 0; at < 1000; at += 1) observer.add('content', at === 500 ? 'leak' : 'ab c')
    const verdict = await observer.end()
    expect(verdict).toMatchObject({ action: 'flag', findings: [{ span: { start: 2000, end: 2004 } }] })
    expect(verdict!.findings).toHaveLength(1)
    expect(verdict!.text).toBe('')
  })

  it('has nothing to say of nothing', async () => {
    expect(await new OutputObserver({ screen: async (text) => seen(text) }).end()).toBeUndefined()
  })
})
