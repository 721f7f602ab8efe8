import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { selectCheckpoint, selectShards } from './select-checkpoint.ts'

const files = (...paths: string[]) => paths.map((path) => ({ path }))
const names = (chosen: readonly { path: string }[]) => chosen.map(({ path }) => path)
const index = 'model.safetensors.index.json'
const indexText = (...shards: unknown[]): string =>
  JSON.stringify({ weight_map: Object.fromEntries(shards.map((shard, at) => [`w${at}`, shard])) })

describe('selectCheckpoint', () => {
  it('takes the single file where there are both, and nothing that training does not need', () => {
    const all = files('tokenizer.json', index, 'model.safetensors', 'x-1-of-1.safetensors', 'README.md')
    expect(selectCheckpoint([...all, ...files('config.json', 'sub/config.json', 'a.bin')], 'hf:o/r')).toEqual(
      {
        files: files('config.json', 'tokenizer.json', 'model.safetensors'),
      },
    )
  })

  it('leaves open which shards there are until the index is read', () => {
    const all = files('config.json', index, 'b.safetensors', 'a.safetensors', 'sub/c.safetensors')
    const { files: chosen, sharded } = selectCheckpoint(all, 'hf:o/r')
    expect(names(chosen)).toEqual(['config.json', index])
    expect(names(sharded!.candidates)).toEqual(['b.safetensors', 'a.safetensors'])
  })

  it('names the pickle files of a repository that has nothing else', () => {
    const all = files('config.json', ...['a', 'b', 'c', 'd'].map((name) => `${name}.bin`))
    expect(() => selectCheckpoint(all, 'hf:o/r')).toThrow(
      expect.objectContaining({
        code: 'checkpoint_is_pickle',
        message: expect.stringContaining('(a.bin, b.bin, c.bin, ...)'),
      }),
    )
  })
})

describe('selectShards', () => {
  it('takes each shard once, in the order of the index', () => {
    const candidates = files('a.safetensors', 'b.safetensors', 'c.safetensors')
    const text = indexText('b.safetensors', 'a.safetensors', 'b.safetensors')
    expect(names(selectShards(text, candidates, 'hf:o/r'))).toEqual(['b.safetensors', 'a.safetensors'])
  })

  it('gives only what is among the candidates, whatever the index says', () => {
    const shard = fc.oneof(
      fc.constantFrom(
        'a.safetensors',
        'b.safetensors',
        '../a.safetensors',
        '/a.safetensors',
        '\\a.safetensors',
      ),
      fc.anything(),
      fc.string(),
    )
    const good = fc.constantFrom('a.safetensors', 'b.safetensors')
    const text = fc.oneof(
      fc.array(good).map((shards) => indexText(...shards)),
      fc.string(),
      fc.json(),
      fc.array(shard).map((shards) => indexText(...shards)),
    )
    const candidates = files('a.safetensors', 'b.safetensors')
    let taken = 0
    fc.assert(
      fc.property(text, (given) => {
        try {
          const chosen = selectShards(given, candidates, 'hf:o/r')
          expect(chosen.length).toBeGreaterThan(0)
          for (const each of chosen) expect(candidates).toContain(each)
          taken += 1
        } catch (error) {
          expect(error).toMatchObject({
            code: expect.stringMatching(/^checkpoint_(?:index_invalid|not_found)$/),
          })
        }
      }),
      { numRuns: 1000 },
    )
    expect(taken).toBeGreaterThan(10)
  })
})
