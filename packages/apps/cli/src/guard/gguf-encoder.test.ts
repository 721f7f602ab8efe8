import { createFakeEngine, type EmbedRequest, type Engine } from '@hadal/engine'
import { expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { openGgufEncoder } from './gguf-encoder.ts'

/** Embeds a text as how often each of four letters is in it. */
function countingEngine(requested: EmbedRequest[]): Engine {
  const engine = createFakeEngine({ contextLength: 16, model: { embeddingLength: 4 } })
  return Object.assign(engine, {
    embed: async (request: EmbedRequest) => {
      requested.push(request)
      const vectors = await Promise.all(
        request.inputs.map(async (input) => {
          const text = await engine.detokenize(input as readonly number[])
          return [Float32Array.from('abcd', (letter) => 1 + text.split(letter).length)]
        }),
      )
      return { vectors, tokens: request.inputs.map((input) => (input as readonly number[]).length) }
    },
  })
}

it('compares by what an engine embeds, in unit length, and cuts what is longer than the model reads', async () => {
  const requested: EmbedRequest[] = []
  const signal = new AbortController().signal
  const terminal = recordingTerminal()
  let ended = false
  {
    await using opened = await openGgufEncoder('nano', terminal, signal, (model, said) => {
      expect(said).toMatchObject({ embeddings: true })
      expect(model.isBundled).toBe(true)
      const engine = countingEngine(requested)
      const end = engine[Symbol.asyncDispose].bind(engine)
      return Object.assign(engine, {
        [Symbol.asyncDispose]: async () => {
          ended = true
          await end()
        },
      })
    })
    const { encoder } = opened
    expect([encoder.name, encoder.dimensions]).toEqual(['nano', 4])
    const [one, other] = await encoder.encode(['aab', 'd'.repeat(100)])
    expect(Math.hypot(...one!)).toBeCloseTo(1, 5)
    expect(one).not.toEqual(other)
    expect(requested.flatMap(({ inputs }) => inputs.map((input) => (input as readonly number[]).length))).toEqual(
      [expect.any(Number), 16],
    )
  }
  expect(ended).toBe(true)
})
