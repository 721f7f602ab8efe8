import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HadalError } from '@hadal/base'
import { type GgufMetadata, gguf, type TensorSource, toFloat16, writeGguf } from '@hadal/formats'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BaseModel, checkAdapter, readBaseModel } from './check-adapter.ts'

const matrix = (shape: readonly number[], type: 'F32' | 'Q8_0' = 'F32') => ({ shape, type }) as const
const base: BaseModel = {
  architecture: 'llama',
  tensors: new Map([
    ['token_embd.weight', matrix([50, 32])],
    ['blk.0.attn_q.weight', matrix([64, 32], 'Q8_0')],
    ['blk.0.attn_norm.weight', matrix([32])],
    ['blk.0.ffn_up_exps.weight', matrix([4, 64, 32])],
  ]),
}

const metadata: GgufMetadata = {
  'general.type': gguf.string('adapter'),
  'general.architecture': gguf.string('llama'),
  'adapter.type': gguf.string('lora'),
  'adapter.lora.alpha': gguf.float32(8),
}
type Source = TensorSource<'F32' | 'F16' | 'BF16' | 'Q8_0' | 'I32'>
const tensor = (
  name: string,
  shape: readonly number[],
  type: 'F32' | 'F16' | 'BF16' | 'Q8_0' = 'F32',
): Source => ({
  name,
  shape,
  type,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.5),
})
const pair = (
  name: string,
  a: readonly number[],
  b: readonly number[],
  type: 'F32' | 'F16' | 'BF16' | 'Q8_0' = 'F32',
) => [tensor(`${name}.lora_a`, a, type), tensor(`${name}.lora_b`, b, type)]
const good = pair('blk.0.attn_q.weight', [4, 32], [64, 4])

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-adapter-'))
  path = join(folder, 'adapter.gguf')
})
afterEach(() => rmSync(folder, { recursive: true }))

function check(tensors: readonly Source[], more: GgufMetadata = {}): Promise<void> {
  writeGguf(path, { metadata: { ...metadata, ...more }, tensors })
  return checkAdapter(path, base)
}

describe('an adapter is taken', () => {
  it.each([
    ['of a matrix', good],
    ['in half precision', pair('blk.0.attn_q.weight', [4, 32], [64, 4], 'F16')],
    ['in bfloat16', pair('blk.0.attn_q.weight', [4, 32], [64, 4], 'BF16')],
    ['in Q8_0', pair('blk.0.attn_q.weight', [32, 32], [64, 32], 'Q8_0')],
    ['of experts', pair('blk.0.ffn_up_exps.weight', [4, 2, 32], [4, 64, 2])],
    ['of the token matrix, which stands the other way round', pair('token_embd.weight', [50, 4], [32, 4])],
    ['of several', [...good, ...pair('token_embd.weight', [50, 4], [32, 4])]],
  ])('%s', async (_, tensors) => {
    await expect(check(tensors)).resolves.toBeUndefined()
  })

  it('without an alpha', async () => {
    const { 'adapter.lora.alpha': _, ...rest } = metadata
    writeGguf(path, { metadata: rest, tensors: good })
    await expect(checkAdapter(path, base)).resolves.toBeUndefined()
  })
})

describe('an adapter is refused', () => {
  const refused = (issue: string) => ({
    code: 'adapter_unusable',
    status: 400,
    message: expect.stringContaining(issue),
  })

  it.each<[GgufMetadata, string]>([
    [{ 'general.type': gguf.string('model') }, 'general.type must be "adapter", got "model"'],
    [{ 'general.type': gguf.uint32(1) }, 'general.type must be "adapter", got undefined'],
    [{ 'adapter.type': gguf.string('control_vector') }, 'adapter.type must be "lora", got "control_vector"'],
    [{ 'general.architecture': gguf.string('qwen3') }, '"qwen3", but the model has "llama"'],
    [{ 'general.architecture': gguf.bool(true) }, 'architecture undefined, but the model has "llama"'],
    [{ 'adapter.lora.alpha': gguf.uint32(8) }, 'uint32 8'],
    [{ 'adapter.lora.alpha': gguf.float32(Number.NaN) }, 'float32 NaN'],
    [{ 'adapter.alora.invocation_tokens': gguf.int32s([1]) }, 'an activated LoRA'],
  ])('whose metadata has %o', async (more, issue) => {
    await expect(check(good, more)).rejects.toMatchObject(refused(issue))
  })

  it('that llama.cpp would leave out in the architecture', async () => {
    const architecture = 'deepseek2'
    const names = ['attn_q', 'attn_q_b', 'attn_kv_a_mqa', 'attn_output'].map((name) => `blk.0.${name}.weight`)
    const tensors = new Map([...names, 'output.weight'].map((name) => [name, matrix([64, 32])]))
    for (const name of tensors.keys()) {
      const more = { 'general.architecture': gguf.string(architecture) }
      writeGguf(path, { metadata: { ...metadata, ...more }, tensors: pair(name, [4, 32], [64, 4]) })
      const checked = expect(checkAdapter(path, { architecture, tensors }))
      if (name.includes('attn_output')) await checked.resolves.toBeUndefined()
      else await checked.rejects.toMatchObject(refused(`${name}, for which llama.cpp ignores adapters`))
    }
  })

  it.each([
    ['it has no tensors', []],
    ['has no matching blk.0.attn_q.weight.lora_b', good.slice(0, 1)],
    ['has no matching blk.0.attn_q.weight.lora_a', good.slice(1)],
    ['is not a LoRA tensor', [...good, tensor('blk.0.attn_norm.weight', [32])]],
    ['the model has no blk.9', pair('blk.9.attn_q.weight', [4, 32], [64, 4])],
    ['the model has no ', pair('', [4, 32], [64, 4])],
    ['is not a matrix', pair('blk.0.attn_norm.weight', [4, 32], [1, 4])],
    ['but the adapter is', pair('blk.0.attn_q.weight', [4, 64], [64, 4])],
    ['but the adapter is', pair('blk.0.attn_q.weight', [4, 32], [32, 4])],
    ['but the adapter is', pair('blk.0.attn_q.weight', [4, 32], [64, 5])],
    ['but the adapter is', pair('blk.0.attn_q.weight', [32, 4], [4, 64])],
    ['but the adapter is', pair('blk.0.attn_q.weight', [0, 32], [64, 0])],
    ['but the adapter is', pair('blk.0.attn_q.weight', [2, 4, 32], [64, 4])],
    ['but the adapter is', pair('blk.0.ffn_up_exps.weight', [2, 32], [64, 2])],
    ['but the adapter is', pair('blk.0.ffn_up_exps.weight', [4, 2, 32], [3, 64, 2])],
    ['but the adapter is', pair('token_embd.weight', [4, 32], [50, 4])],
    ['but the adapter is', pair('token_embd.weight', [50, 4], [32, 5])],
  ])('because %s', async (issue, tensors) => {
    await expect(check(tensors)).rejects.toMatchObject(refused(issue))
  })

  it('because of a type that has no kernels', async () => {
    const integers = good.map(({ name, shape, data }) => ({
      name,
      shape,
      type: 'I32' as const,
      data: Int32Array.from(data as Float32Array),
    }))
    await expect(check(integers)).rejects.toMatchObject(refused('of type I32'))
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'because it holds %d',
    async (value) => {
      const [a, b] = good as [Source, Source]
      const bad = Float32Array.from(b.data as Float32Array)
      bad[17] = value
      await expect(check([a, { ...b, data: bad }])).rejects.toMatchObject(refused('non-finite'))
      const halves = toFloat16(bad)
      await expect(check([a, { ...b, type: 'F16', data: halves } as Source])).rejects.toMatchObject(
        refused('non-finite'),
      )
    },
  )

  it('because it is none, or a folder, or not there', async () => {
    await expect(checkAdapter(path, base)).rejects.toMatchObject(refused('ENOENT'))
    await expect(checkAdapter(folder, base)).rejects.toMatchObject(refused('not a regular file'))
    for (const content of ['', 'GGUF', 'PK\x03\x04', '{"adapter": true}']) {
      writeFileSync(path, content)
      await expect(checkAdapter(path, base)).rejects.toMatchObject({ code: 'adapter_unusable' })
    }
  })

  it('wherever it is cut off', async () => {
    await check(good)
    const bytes = readFileSync(path)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (length) => {
        writeFileSync(path, bytes)
        truncateSync(path, length)
        await expect(checkAdapter(path, base)).rejects.toMatchObject({ code: 'adapter_unusable' })
      }),
    )
  })

  it('or taken, whatever its bytes are', async () => {
    await check(good)
    const bytes = readFileSync(path)
    const change = fc.record({ at: fc.nat(bytes.length - 1), byte: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const mutated = Buffer.from(bytes)
        for (const { at, byte } of changes) mutated[at] = byte
        writeFileSync(path, mutated)
        const thrown: unknown = await checkAdapter(path, base).catch((error) => error)
        if (thrown !== undefined) expect((thrown as HadalError).code).toBe('adapter_unusable')
      }),
      { numRuns: 500 },
    )
  })
})

describe('readBaseModel', () => {
  it('gathers the parts of a split model', () => {
    const parts = [join(folder, 'm-00001-of-00002.gguf'), join(folder, 'm-00002-of-00002.gguf')]
    writeGguf(parts[0]!, {
      metadata: { 'general.architecture': gguf.string('llama') },
      tensors: [tensor('a', [2, 3])],
    })
    writeGguf(parts[1]!, { metadata: {}, tensors: [tensor('b', [4])] })
    const { architecture, tensors } = readBaseModel(parts)
    expect(architecture).toBe('llama')
    expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual([
      ['a', [2, 3]],
      ['b', [4]],
    ])
  })
})
