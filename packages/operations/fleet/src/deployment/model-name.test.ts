/** How large models are by their names, alongside the sizes of the files that the hub has of them. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sizeByName } from './model-name.ts'
import { readModelRef } from './model-ref.ts'

const size = (given: string) => sizeByName(readModelRef(given, false)!)

describe('the size of a model by its name', () => {
  // Gigabytes of the weights on the hub.
  it.each([
    ['hf:deepseek-ai/DeepSeek-V3', 688.6],
    ['hf:deepseek-ai/DeepSeek-R1-0528', 688.6],
    ['hf:deepseek-ai/DeepSeek-V2-Lite', 31.4],
    ['hf:deepseek-ai/DeepSeek-R1-Distill-Llama-70B', 141.1],
    ['hf:Qwen/Qwen3-0.6B', 1.5],
    ['hf:Qwen/Qwen3-32B-AWQ', 19.3],
    ['hf:Qwen/Qwen3-235B-A22B-FP8', 239],
    ['hf:Qwen/Qwen2.5-72B-Instruct-GPTQ-Int4', 41.6],
    ['hf:mistralai/Mixtral-8x7B-Instruct-v0.1', 93.4],
    ['hf:openai/gpt-oss-120b', 65.2],
    ['hf:Qwen/Qwen3-8B-GGUF:Q4_K_M', 5.03],
    ['hf:Qwen/Qwen3-0.6B-GGUF:Q8_0', 0.64],
    ['hf:bartowski/Meta-Llama-3.1-70B-Instruct-GGUF:Q4_K_M', 42.5],
    ['models/SmolLM2-135M-Instruct-Q8_0.gguf', 0.145],
    ['hf:some/Thing-8x22B', 281],
  ])('%s is within a third of %s GB', (given, gigabytes) => {
    const { bytes } = size(given)!
    expect(bytes / 1e9).toBeGreaterThan(gigabytes / 1.34)
    expect(bytes / 1e9).toBeLessThan(gigabytes * 1.34)
  })

  it.each(['hf:org/mystery', 'hf:org/v3-0B', 'weights/model.gguf', 'hf:org/model-x7b9'])(
    '%s says nothing',
    (given) => expect(size(given)).toBeUndefined(),
  )

  it('takes all parameters of a mixture of experts, not those of a token', () => {
    expect(size('hf:org/New-30B-A3B')!.bytes).toBe(60e9)
  })

  it('says why', () => {
    expect(size('hf:Qwen/Qwen3-0.6B')!.why).toBe('752M parameters of 16 bits, from its name')
    expect(size('hf:deepseek-ai/DeepSeek-V3')).toMatchObject({
      heads: 128,
      why: '684.5B parameters of 8.05 bits, from its name',
    })
  })

  it('never fails, and is a size where it is any', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^hf:[a-z]+\/[a-z0-9.x-]*[bm]$/)), (given) => {
        const ref = readModelRef(given, true)
        const found = ref && sizeByName(ref)
        if (found !== undefined) expect(found.bytes).toBeGreaterThan(0)
      }),
    )
  })
})

describe('what names a model', () => {
  it.each([
    ['nano', { kind: 'bundled', name: 'nano', isGguf: true }],
    ['hf:a/b', { kind: 'hub', repo: 'a/b', name: 'b', isGguf: false }],
    ['hf:a/b-GGUF', { kind: 'hub', repo: 'a/b-GGUF', name: 'b-GGUF', isGguf: true }],
    ['hf:a/b@v1:Q8_0', { kind: 'hub', repo: 'a/b', revision: 'v1', quant: 'Q8_0', name: 'b', isGguf: true }],
    ['hf:a/b:safetensors', { kind: 'hub', repo: 'a/b', name: 'b', isGguf: false }],
    [
      'hf:a/b/sub/c-7B.gguf',
      { kind: 'hub', repo: 'a/b', file: 'sub/c-7B.gguf', name: 'b-c-7B.gguf', isGguf: true },
    ],
    ['./weights/x.gguf', { kind: 'path', name: 'x.gguf', isGguf: true }],
    ['file:///w/clip/', { kind: 'path', name: 'clip', isGguf: false }],
    ['https://example.com/x-7B.gguf?download=true', { kind: 'url', name: 'x-7B.gguf', isGguf: true }],
  ])('%s', (given, ref) => expect(readModelRef(given, false)).toEqual(ref))

  it('is of the hub without hf: where vLLM’s users write it so', () => {
    expect(readModelRef('Qwen/Qwen3-8B', true)).toMatchObject({ kind: 'hub', repo: 'Qwen/Qwen3-8B' })
    expect(readModelRef('Qwen/Qwen3-8B', false)).toMatchObject({ kind: 'path' })
    expect(readModelRef('./Qwen/Qwen3-8B', true)).toMatchObject({ kind: 'path' })
    expect(readModelRef('hf:nothing', true)).toBeUndefined()
  })
})
