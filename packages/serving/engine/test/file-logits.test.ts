import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFileLogits } from '@hadal/engine'
import { gguf } from '@hadal/formats'
import { afterAll, describe, expect, it } from 'vitest'
import { writeAdapter } from './tiny-adapter.ts'
import { chainOf, tokens, writeTinyModel } from './tiny-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-file-logits-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'chain.gguf')
writeTinyModel(path, { chain: chainOf('abc') })

describe('readFileLogits', () => {
  it('gives a row for each token of each sequence, and mixes no two of them', async () => {
    const [a, b, c] = [...new TextEncoder().encode('abc')] as [number, number, number]
    const sequences = [[tokens.bos, a, b, c], [b]]
    const found = await readFileLogits(path, sequences)
    const next = found.map((logits, index) => {
      const size = logits.length / sequences[index]!.length
      return sequences[index]!.map((_, row) => {
        const values = logits.subarray(row * size, (row + 1) * size)
        return values.indexOf(Math.max(...values))
      })
    })
    expect(next).toEqual([[a, b, c, tokens.eos], [c]])
  })

  it('applies an adapter to the model, which changes its logits', async () => {
    const [model, adapter, idle] = ['model.gguf', 'adapter.gguf', 'idle.gguf'].map((name) =>
      join(folder, name),
    )
    writeTinyModel(model!)
    writeAdapter(adapter!, model!)
    writeAdapter(idle!, model!, { strength: 0 })
    const [plain] = await readFileLogits(model!, [[1, 2, 3]])
    expect(await readFileLogits(model!, [[1, 2, 3]], { adapter: idle! })).toEqual([plain])
    expect(await readFileLogits(model!, [[1, 2, 3]], { adapter: adapter! })).not.toEqual([plain])
    await expect(readFileLogits(path, [[1]], { adapter: adapter! })).rejects.toMatchObject({
      code: 'adapter_unusable',
      message: expect.stringContaining('adapter.gguf'),
    })
  })

  it('says why a file cannot be read', async () => {
    const damaged = join(folder, 'damaged.gguf')
    writeFileSync(damaged, 'GGUF, but not really')
    await expect(readFileLogits(damaged, [[1]])).rejects.toMatchObject({ code: 'model_unusable' })
    await expect(readFileLogits(path, [[1_000_000]])).rejects.toMatchObject({
      code: 'model_unusable',
      message: expect.stringContaining('no token 1000000'),
    })
  })

  it('outlives a file that llama.cpp does not', async () => {
    const deadly = join(folder, 'deadly.gguf')
    writeTinyModel(deadly, { metadata: { 'llama.expert_used_count': gguf.uint32(5) } })
    await expect(readFileLogits(deadly, [[1]])).rejects.toMatchObject({
      code: 'model_unusable',
      message: expect.stringMatching(/llama\.cpp ended with SIGABRT: .*GGML_ASSERT/s),
    })
  })
})
