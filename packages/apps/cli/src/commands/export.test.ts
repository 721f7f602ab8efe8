import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGguf } from '@hadal/formats'
import {
  chatTemplate,
  chatTokens,
  createModel,
  type DecoderConfig,
  initializeDecoder,
  LoraAdapters,
  type LoraOptions,
  loraDefaults,
  trainBpe,
} from '@hadal/nn'
import { manualSeed, noGrad, scope, setNumThreads } from '@hadal/tensor'
import { exportHuggingFace, exportPeft, readPeft, toHost } from '@hadal/train'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { writeTinyClip } from '../../test/tiny-clip.ts'
import { main } from '../main.ts'

setNumThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'hadal-export-command-'))
afterAll(() => rmSync(folder, { recursive: true }))

const tokenizer = trainBpe(['the sea is deep, and the deep sea is dark'], {
  vocabSize: 270,
  specialTokens: Object.values(chatTokens),
})
const config: DecoderConfig = {
  // Two rows more than there are tokens, as published models have.
  vocab_size: tokenizer.vocabSize + 2,
  // The AMX kernels of llama.cpp give NaN for Q8_0 rows of a single block of 32.
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}

/** A folder as recipes write it. */
function writeModel(name: string, scale: number): void {
  scope(() => {
    manualSeed(3)
    const parameters = createModel(config).parameters()
    initializeDecoder(parameters, config.num_hidden_layers)
    noGrad(() => parameters.get('model.layers.0.mlp.up_proj.weight')!.mul_(scale))
    const weights = toHost(parameters)
    exportHuggingFace(join(folder, name), { config, weights, tokenizer, chatTemplate })
  })
}

beforeAll(() => {
  writeModel('model-of-mine', 1)
  writeModel('too-large', 1e7)
  cpSync(join(folder, 'model-of-mine'), join(folder, 'runs/second/hugging-face'), { recursive: true })
  mkdirSync(join(folder, 'bare-run'))
  cpSync(join(folder, 'model-of-mine'), join(folder, 'foreign'), { recursive: true })
  writeFileSync(join(folder, 'a-file'), '')
  writeTinyClip(join(folder, 'towers'))
  writeTinyClip(join(folder, 'towers-run/model'), { layout: 'open-clip' })
  const more = Array.from({ length: 16 }, (_, index) => `<|${index}|>`)
  const larger = trainBpe(['the sea'], {
    vocabSize: 280,
    specialTokens: [...Object.values(chatTokens), ...more],
  })
  cpSync(join(folder, 'model-of-mine'), join(folder, 'small'), { recursive: true })
  writeFileSync(join(folder, 'small/tokenizer.json'), JSON.stringify(larger.toHuggingFace()))
  const path = join(folder, 'foreign/tokenizer.json')
  const json = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(path, JSON.stringify({ ...json, normalizer: { type: 'Lowercase' } }))
})

/** On queries and up projections, with random values with a deviation of a tenth of `size`. */
function writeAdapter(
  name: string,
  more: Partial<LoraOptions> = {},
  size = { a: 1, b: 1 },
  baseModel = 'mine',
): void {
  const adapter = { rank: 4, targets: ['q_proj', 'up_proj'], ...more }
  scope(() => {
    manualSeed(4)
    const beside = new LoraAdapters(createModel(config), { ...loraDefaults, ...adapter }, 'float32')
    noGrad(() => {
      for (const { a_ri, b_or, magnitude_o } of beside.layers.values()) {
        a_ri.normal_(0, size.a / 10)
        b_or.normal_(0, size.b / 10)
        magnitude_o?.uniform_(0.1, 0.2)
      }
    })
    exportPeft(join(folder, name), { weights: toHost(beside.parameters()), adapter, baseModel })
  })
}

async function run(...args: string[]) {
  const terminal = recordingTerminal({ folder })
  const code = await main(['export', ...args], terminal)
  return { code, printed: terminal.printed.join('\n'), noted: terminal.noted.join('\n') }
}
const report = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, `${path}.parity.json`), 'utf8'))

describe('hadal export', () => {
  it('writes a GGUF that llama.cpp runs as the same model, and a parity report', async () => {
    const { code, printed } = await run('model-of-mine', '--type', 'f32', '--out', 'out/model.gguf')
    expect(code).toBe(0)
    expect(printed).toMatch(/all of them +128 /)
    expect(printed).toContain('read by llama.cpp: the same model')
    expect(report('out/model.gguf')).toMatchObject({
      format: 'gguf',
      precision: 'F32',
      model: 'model-of-mine',
      verdict: 'pass',
      overall: { agreement: 1 },
    })
    expect(readFileSync(join(folder, 'out/model.gguf.parity.md'), 'utf8')).toContain(
      '# model-of-mine as gguf',
    )
    using file = openGguf(join(folder, 'out/model.gguf'))
    const value = (key: string): unknown => file.metadata.get(`tokenizer.${key}`)?.value
    expect(value('chat_template')).toBe(chatTemplate)
    expect(value('ggml.eos_token_id')).toBe(tokenizer.special(chatTokens.end))
    expect(value('ggml.bos_token_id')).toBe(tokenizer.special(chatTokens.endOfText))
    expect(value('ggml.padding_token_id')).toBe(tokenizer.special(chatTokens.endOfText))
    expect(value('ggml.add_bos_token')).toBe(false)
  })

  it('takes the model that a recipe left in a run folder, and calls it by the run', async () => {
    const { code, printed } = await run('runs/second', '--out', 'second.gguf', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(printed)).toMatchObject({ model: 'second', precision: 'Q8_0', verdict: 'pass' })
  })

  it('writes safetensors, which can be exported again', async () => {
    const args = ['--format', 'safetensors', '--out', 'half', '--type', 'BF16']
    expect((await run('model-of-mine', ...args)).code).toBe(0)
    expect((await run('half', '--format', 'safetensors', '--out', 'full')).code).toBe(0)
    expect(report('full')).toMatchObject({ verdict: 'pass', overall: { maxDifference: 0 } })
    const kept = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
    expect(kept('full/tokenizer_config.json')).toEqual(kept('model-of-mine/tokenizer_config.json'))
    expect(kept('full/config.json')).toMatchObject(Object(kept('model-of-mine/config.json')))
  })

  it('merges an adapter into the weights, and verifies the result', async () => {
    writeAdapter('runs/adapted/adapter')
    const args = ['--type', 'F32', '--adapter', 'runs/adapted', '--out', 'adapted.gguf']
    expect((await run('model-of-mine', ...args)).code).toBe(0)
    expect(report('adapted.gguf')).toMatchObject({ verdict: 'pass' })
    using adapted = openGguf(join(folder, 'adapted.gguf'))
    using plain = openGguf(join(folder, 'out/model.gguf'))
    const differs = (name: string): boolean =>
      adapted.readFloats(name).some((value, i) => value !== plain.readFloats(name)[i])
    expect(['blk.0.attn_q.weight', 'blk.1.ffn_up.weight', 'blk.0.attn_k.weight'].map(differs)).toEqual([
      true,
      true,
      false,
    ])
  })

  it('writes a standalone GGUF adapter that works in llama.cpp with the base model', async () => {
    writeAdapter('runs/adapted/adapter')
    const args = ['--adapter', 'runs/adapted', '--adapter-only', '--out', 'out/adapter.gguf']
    const { code, printed } = await run('model-of-mine', ...args)
    expect(code).toBe(0)
    expect(printed).toMatch(/without the adapter +\d+ /)
    expect(printed).toContain('read by llama.cpp with the F32 base: the same adapter, as far as F32 goes')
    expect(report('out/adapter.gguf')).toMatchObject({
      format: 'gguf',
      precision: 'F32',
      model: 'adapted',
      verdict: 'pass',
      overall: { agreement: 1 },
    })
    const { withoutAdapter } = report('out/adapter.gguf') as { withoutAdapter: { meanDivergence: number } }
    expect(withoutAdapter.meanDivergence).toBeGreaterThan(1e-4)
    expect(readFileSync(join(folder, 'out/adapter.gguf.parity.md'), 'utf8')).toContain(
      '| without the adapter |',
    )
    expect(readdirSync(join(folder, 'out')).filter((name) => name.includes('partial'))).toEqual([])
    using file = openGguf(join(folder, 'out/adapter.gguf'))
    expect(file.get('general.name')).toBe('adapted')
    const half = await run('model-of-mine', ...args, '--type', 'bf16', '--json', '--name', 'half')
    expect(JSON.parse(half.printed)).toMatchObject({ model: 'half', precision: 'BF16', verdict: 'pass' })
  })

  it('writes an adapter alone in the layout of PEFT, in the type it has or another', async () => {
    writeAdapter('plain')
    const args = ['--adapter', 'plain', '--adapter-only', '--format', 'safetensors']
    expect((await run('model-of-mine', ...args, '--out', 'again', '--json')).code).toBe(0)
    const tensors = (of: string): Buffer => readFileSync(join(folder, of, 'adapter_model.safetensors'))
    expect(tensors('again').equals(tensors('plain'))).toBe(true)
    expect(report('again')).toMatchObject({ format: 'safetensors', readBy: 'Hadal with the F32 base' })
    const half = await run('model-of-mine', ...args, '--out', 'half-adapter', '--type', 'F16')
    expect([half.code, half.noted]).toEqual([0, ''])
    expect([...readPeft(join(folder, 'half-adapter')).types!.values()]).toContain('F16')
    expect(report('half-adapter')).toMatchObject({ precision: 'F16', verdict: 'pass' })
  })

  it('warns when an adapter names a different base model than the one it is verified with', async () => {
    writeAdapter('elsewhere', {}, undefined, join(folder, 'runs/second/hugging-face'))
    const { code, noted } = await run(
      'model-of-mine',
      '--adapter',
      'elsewhere',
      '--adapter-only',
      '--out',
      'e.gguf',
    )
    expect([code, noted]).toEqual([
      0,
      expect.stringMatching(/is for another base model: .*second.hugging-face, not .*model-of-mine/),
    ])
  })

  it('writes a DoRA adapter in PEFT layout, and suggests merging when GGUF is requested', async () => {
    writeAdapter('dora', { dora: true })
    const args = ['--adapter', 'dora', '--type', 'F32']
    const { code, noted } = await run('model-of-mine', ...args, '--adapter-only', '--out', 'dora.gguf')
    expect([code, noted]).toEqual([1, expect.stringContaining('error[train_adapter_unsupported]')])
    expect(noted).toContain('Merge it into the base weights: `hadal export')
    expect((await run('model-of-mine', ...args, '--out', 'dora.gguf')).code).toBe(0)
    expect(report('dora.gguf')).toMatchObject({ verdict: 'pass' })
    const peft = [...args, '--adapter-only', '--format', 'safetensors', '--out', 'dora-again']
    expect((await run('model-of-mine', ...peft)).code).toBe(0)
  })

  it('fails where an adapter does not do what it did, and keeps it with the report', async () => {
    // B is next to nothing in half precision, and A brings back what is left of it.
    writeAdapter('too-fine', {}, { a: 1e5, b: 1e-6 })
    const args = ['--adapter', 'too-fine', '--adapter-only', '--out', 'lost.gguf']
    expect((await run('model-of-mine', ...args)).code).toBe(0)
    const { code, noted } = await run('model-of-mine', ...args, '--type', 'F16')
    expect(code).toBe(1)
    expect(noted).toMatch(
      /error\[export_differs\]: .*lost\.gguf does not match its source model: the mean divergence is/,
    )
    expect(report('lost.gguf')).toMatchObject({ verdict: 'fail', limits: { maxDivergence: 0.05 } })
    expect(existsSync(join(folder, 'lost.gguf'))).toBe(true)
  })

  it('fails where the export is another model, and keeps it with the report', async () => {
    // Beyond the largest number of half precision.
    const { code, noted } = await run('too-large', '--type', 'F16', '--out', 'large.gguf')
    expect(code).toBe(1)
    expect(noted).toMatch(
      /error\[export_differs\]: .*large\.gguf does not match its source model: .*divergence is NaN/,
    )
    expect(noted).toContain('large.gguf.parity.md')
    expect(report('large.gguf')).toMatchObject({ verdict: 'fail' })
    expect(existsSync(join(folder, 'large.gguf'))).toBe(true)
  })

  it.each([
    ['a run without a model', ['bare-run', '--out', 'x'], 1, 'export_no_model'],
    ['a folder that is not there', ['nowhere', '--out', 'x'], 1, 'export_no_model'],
    ['is a CLIP model', ['towers', '--out', 'x'], 1, 'export_two_towers'],
    ['a run that left one', ['towers-run', '--out', 'x'], 1, 'export_two_towers'],
    ['a tokenizer of another kind', ['foreign', '--out', 'x'], 1, 'export_tokenizer_foreign'],
    [
      'a type that safetensors has not',
      ['model-of-mine', '--format', 'safetensors', '--type', 'Q8_0', '--out', 'x'],
      2,
      'usage',
    ],
    ['the folder itself', ['model-of-mine', '--format', 'safetensors', '--out', 'model-of-mine'], 2, 'usage'],
    ['no place to write to', ['model-of-mine'], 2, 'usage'],
    ['a tokenizer too large for the model', ['small', '--out', 'x'], 1, 'nn_tokenizer_model_mismatch'],
    ['a file as the folder of a GGUF', ['model-of-mine', '--out', 'a-file/x'], 1, 'train_export_unwritable'],
    [
      'a file as the folder of safetensors',
      ['model-of-mine', '--format', 'safetensors', '--out', 'a-file/x'],
      1,
      'train_export_unwritable',
    ],
    ['no adapter to write alone', ['model-of-mine', '--adapter-only', '--out', 'x'], 2, 'usage'],
    [
      'a type that adapters have not',
      ['model-of-mine', '--adapter', 'adapter', '--adapter-only', '--type', 'Q8_0', '--out', 'x'],
      2,
      'usage',
    ],
    [
      'the adapter itself',
      ['model-of-mine', '--adapter', 'plain', '--adapter-only', '--format', 'safetensors', '--out', 'plain'],
      2,
      'usage',
    ],
    [
      'a run without an adapter',
      ['model-of-mine', '--adapter', 'bare-run', '--out', 'x'],
      1,
      'export_no_adapter',
    ],
    [
      'an adapter that is not there',
      ['model-of-mine', '--adapter', 'nowhere', '--out', 'x'],
      1,
      'export_no_adapter',
    ],
    ['a folder as the GGUF', ['model-of-mine', '--out', 'bare-run'], 1, 'tensor_file_unwritable'],
  ])('refuses %s', async (_, args, code, error) => {
    const found = await run(...args)
    expect([found.code, found.noted]).toEqual([code, expect.stringContaining(`error[${error}]`)])
    expect(existsSync(join(folder, 'x'))).toBe(false)
  })
})
