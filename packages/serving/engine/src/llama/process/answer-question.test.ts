import { describe, expect, it } from 'vitest'
import { answerQuestion } from './answer-question.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A byte is a token. */
const vocabulary = { pieces: (tokens: readonly number[]) => tokens.map((token) => Uint8Array.of(token)) }
const answer = (ask: 'detokenize' | 'pieces', tokens: readonly number[]) =>
  answerQuestion({ id: 7, ask, tokens }, vocabulary as unknown as Vocabulary)

describe('answerQuestion', () => {
  it.each(['detokenize', 'pieces'] as const)('lets others work while it has much to %s', async (ask) => {
    let turns = 0
    let isAnswered = false
    const others = (): void => {
      turns += 1
      if (!isAnswered) setImmediate(others)
    }
    setImmediate(others)
    await answer(ask, Array<number>(100_000).fill(0x61))
    isAnswered = true
    expect(turns).toBeGreaterThan(10)
  })

  it('makes whole characters of tokens that were read apart', async () => {
    const text = `${'a'.repeat(8191)}é${'b'.repeat(8190)}🙂`
    const tokens = [...Buffer.from(text)]
    expect(await answer('detokenize', tokens)).toEqual({ id: 7, value: text })
    expect(await answer('pieces', tokens)).toEqual({ id: 7, value: tokens.map((token) => [token]) })
    expect(await answer('detokenize', [])).toEqual({ id: 7, value: '' })
  })
})
