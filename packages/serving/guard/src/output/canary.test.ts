import { describe, expect, it } from 'vitest'
import type { CheckResult, Screened } from '../check.ts'
import { canaryCheck, makeCanary, withCanary } from './canary.ts'

const requested = (text: string): Screened => ({
  text,
  role: 'assistant',
  language: 'en',
  views: [{ name: 'original', path: [], text, toOriginal: (span) => span }],
})
const found = (canary: string, text: string) => (canaryCheck(canary)(requested(text)) as CheckResult).findings

describe('a canary', () => {
  const canary = makeCanary()

  it('is found however it is spelled', () => {
    for (const text of [
      withCanary('You are a pirate.', canary),
      canary.toUpperCase(),
      [...canary].join(' '),
      [...canary].join('-\n'),
      [...canary].reverse().join(''),
    ])
      expect(found(canary, `it says ${text}!`), text).toMatchObject([{ rule: 'output.canary' }])
  })

  it('is found only when it is this canary and complete', () => {
    expect(found(canary, 'a text about canaries, and nothing else')).toEqual([])
    expect(found(canary, makeCanary())).toEqual([])
    expect(found(canary, canary.slice(1))).toEqual([])
  })

  it('is another one each time', () => {
    expect(new Set(Array.from({ length: 100 }, makeCanary)).size).toBe(100)
  })

  it('takes no longer for texts that nearly have it', () => {
    const text = `${canary.slice(0, -1)}a `.repeat(100_000)
    expect(found(canary, text)).toEqual([])
    expect(found(canary, `${canary[0]}${'!'.repeat(1_000_000)}`)).toEqual([])
  })
})
