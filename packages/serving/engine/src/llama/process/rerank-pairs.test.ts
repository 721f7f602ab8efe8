import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PairFormat, rerankPairs } from './rerank-pairs.ts'

/** A character is a token; `[` starts and `]` ends a text. */
const tokenize = async (text: string): Promise<number[]> => [...text].map((each) => each.codePointAt(0)!)
const vocabulary = { detokenize: (tokens: readonly number[]): string => String.fromCodePoint(...tokens) }
const framed: PairFormat = { template: null, before: [91], between: [93, 124], after: [93] }
const templated: PairFormat = { ...framed, template: 'q: {query} d: {document} {query}' }

const pairs = async (
  format: PairFormat,
  query: string,
  documents: readonly string[],
  more: { inputLength?: number; truncate?: boolean; maxDocumentTokens?: number } = {},
): Promise<string[]> => {
  const { inputLength = 1000, ...rest } = more
  const work = { key: 1, kind: 'rerank', query, documents, ...rest } as const
  const found = await rerankPairs(work, format, inputLength, vocabulary, tokenize)
  return found!.map(vocabulary.detokenize)
}

describe('rerankPairs', () => {
  it('puts the model’s special tokens around query and document', async () => {
    expect(await pairs(framed, 'why', ['because', ''])).toEqual(['[why]|because]', '[why]|]'])
  })

  it('fills the model’s template, and leaves what stands in the texts', async () => {
    expect(await pairs(templated, '{document}', ['{query}$&'])).toEqual([
      'q: {document} d: {query}$& {document}',
    ])
  })

  it('reads a document as it was written, unless it has to be cut', async () => {
    const lossy = { detokenize: (tokens: readonly number[]) => vocabulary.detokenize(tokens).toUpperCase() }
    const work = {
      key: 1,
      kind: 'rerank',
      query: 'q',
      documents: ['abc', 'abcd'],
      maxDocumentTokens: 3,
    } as const
    const found = await rerankPairs(work, templated, 99, lossy, tokenize)
    expect(found!.map(vocabulary.detokenize)).toEqual(['q: q d: abc q', 'q: q d: ABC q'])
  })

  it.each([framed, templated])('cuts documents to what fits, and no more: %#', async (format) => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '世'), maxLength: 40 })
    const limit = fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.array(text),
        fc.integer({ min: 1, max: 90 }),
        limit,
        async (query, documents, inputLength, most) => {
          const [empty] = await pairs(format, query, [''])
          const cut = pairs(format, query, documents, {
            inputLength,
            truncate: true,
            ...(most !== undefined && { maxDocumentTokens: most }),
          })
          if (empty!.length > inputLength) {
            await expect(cut).rejects.toMatchObject({ code: 'context_length_exceeded' })
            return
          }
          const room = Math.min(inputLength - empty!.length, most ?? Number.POSITIVE_INFINITY)
          expect(await cut).toEqual(
            await pairs(
              format,
              query,
              documents.map((each) => each.slice(0, room)),
            ),
          )
        },
      ),
    )
  })

  it('names the document that is too long, where it may not be cut', async () => {
    await expect(pairs(framed, 'q', ['fits', 'does not'], { inputLength: 10 })).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: 'document 1 with the query is too large: it has 13 tokens, and the model takes 10',
    })
  })

  it('stops when the request is cancelled', async () => {
    const work = { key: 1, kind: 'rerank', query: 'q', documents: ['a', 'b'] } as const
    let calls = 0
    const leaving = async (text: string) => {
      calls += 1
      return calls > 2 ? undefined : tokenize(text)
    }
    expect(await rerankPairs(work, framed, 99, vocabulary, leaving)).toBeUndefined()
    expect(calls).toBe(3)
  })

  it.each([framed, templated])('refuses a long query with very many documents: %#', async (format) => {
    const query = 'q'.repeat(100_000)
    const read: string[] = []
    const tokens = await tokenize(query)
    const quick = async (text: string): Promise<readonly number[]> => {
      read.push(text)
      return text.length >= query.length ? tokens : tokenize(text)
    }
    const work = { key: 1, kind: 'rerank', query, documents: Array<string>(100_000).fill('d') } as const
    await expect(
      rerankPairs(work, format, 200_000, vocabulary, quick as typeof tokenize),
    ).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringContaining('the query with each of the documents'),
    })
    expect(read.length).toBeLessThan(500)
  })
})
