/** Models trained for a type are exported in it, bit-exact and compared with the trained weights. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGguf, openSafetensors } from '@hadal/formats'
import {
  chatTemplate,
  chatTokens,
  createModel,
  type DecoderConfig,
  initializeDecoder,
  trainBpe,
} from '@hadal/nn'
import { manualSeed, scope, setNumThreads } from '@hadal/tensor'
import {
  exportHuggingFace,
  type ParityReport,
  roundedWeights,
  type TrainedQuantization,
  toHost,
  type Weights,
} from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

setNumThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'hadal-export-trained-'))
afterAll(() => rmSync(folder, { recursive: true }))

const tokenizer = trainBpe(['the sea is deep, and the deep sea is dark'], {
  vocabSize: 270,
  specialTokens: Object.values(chatTokens),
})
const config: DecoderConfig = {
  vocab_size: tokenizer.vocabSize,
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}
const weights: Weights = scope(() => {
  manualSeed(5)
  const parameters = createModel(config).parameters()
  initializeDecoder(parameters, config.num_hidden_layers)
  return toHost(parameters)
})

function writeModel(name: string, trained?: Partial<TrainedQuantization>): string {
  const usual = { weights: 'q4_0', groupSize: 32, activations: 'none', skip: [] } as const
  const quantization = trained && { ...usual, ...trained }
  const file = { config, weights, tokenizer, chatTemplate }
  exportHuggingFace(join(folder, name), { ...file, ...(quantization && { quantization }) })
  return name
}

async function exportTo(out: string, ...args: string[]): Promise<ParityReport> {
  const terminal = recordingTerminal({ folder })
  const code = await main(['export', ...args, '--out', out, '--json'], terminal)
  if (code !== 0) throw new Error(terminal.noted.join('\n'))
  return JSON.parse(readFileSync(join(folder, `${out}.parity.json`), 'utf8')) as ParityReport
}

describe('hadal export', () => {
  it('takes the type that was trained for, and is nearer to that model than to the one in fp32', async () => {
    const trained = await exportTo('a.gguf', writeModel('trained', {}), '--format', 'gguf')
    const plain = await exportTo('b.gguf', writeModel('plain'), '--format', 'gguf', '--type', 'q4_0')
    using file = openGguf(join(folder, 'a.gguf'))
    using other = openGguf(join(folder, 'b.gguf'))
    expect(file.tensors.get('blk.0.ffn_up.weight')!.type).toBe('Q4_0')
    for (const name of file.tensors.keys())
      expect(Buffer.from(file.read(name)).equals(other.read(name)), name).toBe(true)
    expect(trained.precision).toBe('Q4_0')
    expect(trained.isTrainedFor).toBe(true)
    expect(trained.limits.meanDivergence).toBeLessThan(plain.limits.meanDivergence)
    expect(trained.overall.meanDivergence).toBeLessThan(plain.overall.meanDivergence / 20)
  })

  it('knows what layers read where that was rounded, too', async () => {
    const with8Bits = writeModel('reads-int8', { weights: 'q8_0', activations: 'int8' })
    const report = await exportTo('c.gguf', with8Bits, '--format', 'gguf')
    const without = await exportTo(
      'd.gguf',
      writeModel('reads-floats', { weights: 'q8_0' }),
      '--format',
      'gguf',
    )
    expect(report.precision).toBe('Q8_0')
    expect(report.overall.meanDivergence).toBeLessThan(without.overall.meanDivergence)
  })

  it('writes integers that GGUF has no scales for in fp32, rounded', async () => {
    const trained = { weights: 'int4', groupSize: 64, activations: 'none', skip: [] } as const
    const report = await exportTo('e.gguf', writeModel('int4', trained), '--format', 'gguf')
    expect(report.precision).toBe('F32')
    const name = 'model.layers.1.mlp.gate_proj.weight'
    const rounded = roundedWeights(config, weights, trained).get(name)!.values
    using file = openGguf(join(folder, 'e.gguf'))
    expect(file.readFloats('blk.1.ffn_gate.weight')).toEqual(rounded)
    await exportTo('f', 'int4', '--format', 'safetensors')
    using tensors = openSafetensors(join(folder, 'f/model.safetensors'))
    expect(tensors.readFloats(name)).toEqual(rounded)
    expect(JSON.parse(readFileSync(join(folder, 'f/config.json'), 'utf8'))).not.toHaveProperty(
      'hadal_quantization',
    )
  })

  it('names what a config.json says that is no type', async () => {
    writeModel('nonsense', {})
    const path = join(folder, 'nonsense/config.json')
    const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    for (const [said, issue] of [
      [{ weights: 'q3_k' }, 'hadal_quantization.weights is "q3_k"; it must be one of int8'],
      ['q4_0', 'hadal_quantization is "q4_0"; it must be an object'],
    ] as const) {
      writeFileSync(path, JSON.stringify({ ...json, hadal_quantization: said }))
      const terminal = recordingTerminal({ folder })
      expect(await main(['export', 'nonsense', '--format', 'gguf', '--out', 'g.gguf'], terminal)).not.toBe(0)
      const noted = terminal.noted.join('\n')
      expect(noted).toContain('export_quantization_unreadable')
      expect(noted).toContain(issue)
    }
  })
})
