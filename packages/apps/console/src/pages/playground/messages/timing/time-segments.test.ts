import { expect, it } from 'vitest'
import { timeFigures } from './time-segments.ts'

const usage = {
  promptTokens: 277,
  cachedTokens: 0,
  completionTokens: 11,
  reasoningTokens: 0,
  acceptedDraftTokens: 0,
  rejectedDraftTokens: 0,
}

it('the time of an answer is what the server measured, and the rest', () => {
  const sequence = {
    startMillis: 24.5,
    queueMillis: 1,
    prefillMillis: 105.3,
    decodeMillis: 20,
    firstTokenMillis: 137.1,
    completionTokens: 11,
  }
  const figures = timeFigures({
    timeline: { id: 'long', at: 0, route: '/v1/chat/completions', millis: 155.8, sequences: [sequence] },
    usage,
  })
  expect(figures.segments.map(({ kind }) => kind)).toEqual([
    'beforeQueue',
    'queue',
    'prefill',
    'decode',
    'rest',
  ])
  expect(figures.segments.reduce((sum, { millis }) => sum + millis, 0)).toBeCloseTo(155.8)
  expect(figures).toMatchObject({ firstTokenMillis: 137.1, tokensPerSecond: 500 })
})

it('of several sequences the slowest is shown', () => {
  const quick = { startMillis: 1, decodeMillis: 5, completionTokens: 2 }
  const slow = { startMillis: 1, decodeMillis: 50, completionTokens: 6 }
  const { segments } = timeFigures({
    timeline: { id: 'x', at: 0, route: '/v1/chat/completions', millis: 60, sequences: [quick, slow] },
  })
  expect(segments.find(({ kind }) => kind === 'decode')?.millis).toBe(50)
})

it('falls back to the page’s own timings when the server reports none', () => {
  expect(timeFigures({ timing: { firstTokenMillis: 100, endMillis: 200 }, usage })).toEqual({
    segments: [
      { kind: 'untilFirst', millis: 100 },
      { kind: 'afterFirst', millis: 100 },
    ],
    firstTokenMillis: 100,
    tokensPerSecond: 100,
  })
  expect(timeFigures({})).toEqual({ segments: [] })
})
