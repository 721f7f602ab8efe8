import type { Engine, RerankRequest } from '@hadal/engine'
import { afterEach, describe, expect, it } from 'vitest'
import { bertScore } from './bert-reference.ts'
import { type OpenEngine, openEngine } from './open-engine.ts'
import { encoderTokens, writeTinyEncoder } from './tiny-encoder.ts'
import { writeTinyRanker } from './tiny-ranker.ts'

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

type Options = Parameters<typeof openEngine>[0]

async function opened(write: (path: string) => void, options: Options = {}): Promise<Engine> {
  open = openEngine({ reranking: true, ...options }, write)
  await open.engine.ready()
  return open.engine
}
const encoder = (options?: Options) => opened((path) => writeTinyEncoder(path, { classifier: true }), options)
const decoder = (template?: string, options?: Options) =>
  opened((path) => writeTinyRanker(path, template), options)

const rank = (
  query: string,
  documents: readonly string[],
  more: Partial<RerankRequest> = {},
): RerankRequest => ({
  id: 'rank',
  query,
  documents,
  ...more,
})
const documents = ['the cat sat', 'hello', 'a b c d e f g', 'the', 'z z z', 'cat']

function expectClose(got: readonly number[], wanted: readonly number[], digits = 3): void {
  expect(got).toHaveLength(wanted.length)
  for (const [at, value] of got.entries()) expect(value).toBeCloseTo(wanted[at]!, digits)
}

describe.each([
  ['an encoder', encoder],
  ['a decoder', (options?: Options) => decoder(undefined, options)],
] as const)('%s that ranks', (_, openIt) => {
  it('gives each document the score that it has alone, whatever its company', async () => {
    const engine = await openIt({ maxBatchSize: 3, maxBatchTokens: 24 })
    expect(engine.model.can).toEqual({ generate: false, embed: false, rerank: true })
    const together = await engine.rerank(rank('the cat', documents))
    const apart = await Promise.all(documents.map((document) => engine.rerank(rank('the cat', [document]))))
    expectClose(
      together.scores,
      apart.map(({ scores }) => scores[0]!),
    )
    expect(together.tokens).toEqual(apart.map(({ tokens }) => tokens[0]!))
    expect(new Set(together.scores).size).toBe(documents.length)
    const other = await engine.rerank(rank('z', documents))
    expect(other.scores).not.toEqual(together.scores)
  })

  it('gives the same scores in a pass of many rows, which has another kernel', async () => {
    const engine = await openIt({ maxBatchSize: 32, maxBatchTokens: 256 })
    const many = Array.from({ length: 24 }, (_, at) => documents[at % documents.length]!)
    const rows: number[] = []
    using _ = engine.onStep(({ prefillTokens }) => rows.push(prefillTokens))
    const [together, few] = [
      await engine.rerank(rank('the cat', many)),
      await engine.rerank(rank('the cat', documents.slice(0, 3))),
    ]
    expect(rows[0]).toBeGreaterThanOrEqual(64)
    expect(rows.at(-1)).toBeLessThan(64)
    // Kernels differ in precision.
    expectClose(together.scores.slice(0, 3), few.scores, 2)
  })

  it('names a document that is too long, and cuts it where it may', async () => {
    const engine = await openIt({ contextLength: 24 })
    const long = 'a b c d e f g h '.repeat(8)
    await expect(engine.rerank(rank('the', ['cat', long]))).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringContaining('document 1 with the query is too large'),
    })
    const { tokens } = await engine.rerank(rank('the', ['cat', long], { truncate: true }))
    expect(tokens[1]).toBe(24)
    const counted = await engine.rerank(rank('the', ['cat', long], { maxDocumentTokens: 4 }))
    const { tokens: short } = await engine.rerank(rank('the', ['', 'a b c d'], { maxDocumentTokens: 4 }))
    expect(counted.tokens[1]).toBe(short[0]! + 4)
    await expect(engine.rerank(rank(long, ['cat'], { truncate: true }))).rejects.toMatchObject({
      message: expect.stringContaining('the query is too large'),
    })
    expect(open!.pids).toHaveLength(1)
  })

  it('gives no embeddings', async () => {
    const engine = await openIt()
    await expect(engine.embed({ id: 'a', inputs: ['a'] })).rejects.toMatchObject({ code: 'embeddings_off' })
  })
})

describe('an encoder', () => {
  it('gives raw scores, of the pair framed as it was trained', async () => {
    const engine = await encoder()
    const { areProbabilities, tokens } = await engine.rerank(rank('the cat', ['hello']))
    expect(areProbabilities).toBe(false)
    // [CLS] the cat [SEP] hello: as reported by llama.cpp for such a vocabulary.
    expect(tokens).toEqual([5])
  })

  it('gives the score that BERT’s classification head is defined to give', async () => {
    const engine = await encoder()
    const { scores } = await engine.rerank(rank('the cat', documents))
    const query = await engine.tokenize('the cat')
    const { begin, end } = encoderTokens
    for (const [at, document] of documents.entries()) {
      const pair = [begin, ...query, end, ...(await engine.tokenize(document))]
      expect(scores[at]).toBeCloseTo(bertScore(open!.modelPath, pair), 2)
    }
  })

  it('embeds and reranks when both are enabled', async () => {
    const engine = await encoder({ embeddings: true })
    const [{ vectors }, { scores }] = await Promise.all([
      engine.embed({ id: 'a', inputs: documents }),
      engine.rerank(rank('the cat', documents)),
    ])
    expect(vectors).toHaveLength(documents.length)
    expect(scores).toHaveLength(documents.length)
  })

  it('without a classification head cannot', async () => {
    open = openEngine({ reranking: true }, (path) => writeTinyEncoder(path))
    await expect(open.engine.ready()).rejects.toMatchObject({
      code: 'model_unfit',
      message: expect.stringContaining('no classification head'),
    })
  })
})

describe('a decoder', () => {
  it('gives probabilities', async () => {
    const { scores, areProbabilities } = await (await decoder()).rerank(rank('abc', ['a', 'b', 'xyz']))
    expect(areProbabilities).toBe(true)
    for (const score of scores) expect(score > 0 && score < 1).toBe(true)
  })

  it('gives the same score in one pass and in several', async () => {
    const long = 'abcdefghij'.repeat(8)
    const whole = await (await decoder()).rerank(rank('abc', [long, 'x']))
    await open![Symbol.asyncDispose]()
    const parts = await (await decoder(undefined, { maxBatchTokens: 16, maxBatchSize: 2 })).rerank(
      rank('abc', [long, 'x']),
    )
    // Keys and values are stored in half precision between passes.
    expectClose(parts.scores, whole.scores, 2)
  })

  it('reads query and document through the model’s own template', async () => {
    const engine = await decoder('<q>{query}<d>{document}')
    const { tokens } = await engine.rerank(rank('abc', ['xy', '{query}']))
    expect(tokens[0]).toBe(1 + 3 + 1 + 2)
    const { scores: templated } = await engine.rerank(rank('abc', ['xy']))
    await open![Symbol.asyncDispose]()
    const { scores } = await (await decoder()).rerank(rank('abc', ['xy']))
    expect(templated[0]).not.toBeCloseTo(scores[0]!, 5)
  })
})
