import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  fromBfloat16,
  fromFloat16,
  openSafetensors,
  toBfloat16,
  toFloat16,
  writeSafetensors,
} from '@hadal/formats'
import {
  type CheckpointPlan,
  createModel,
  Decoder,
  DeepSeek,
  isDeepSeekConfig,
  loadCheckpoint,
  MasterWeights,
  type ModelConfig,
  planCheckpoint,
  readCheckpointWeights,
  readDecoderConfig,
  readDeepSeekConfig,
  wantedTensors,
} from '@hadal/nn'
import { memory, noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { collected } from '../../tensor/test/collected.ts'
import {
  configs,
  type FloatType,
  type Source,
  shardName,
  weightsFor,
  writeFolder,
} from './checkpoint-folder.ts'

const root = mkdtempSync(join(tmpdir(), 'hadal-checkpoint-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
const fresh = (): string => join(root, String(++folders))

const modelConfigOf = (config: { readonly model_type: string }): ModelConfig =>
  config.model_type.startsWith('deepseek') ? readDeepSeekConfig(config) : readDecoderConfig(config)

const sources = (
  config: { readonly model_type: string } = configs.llama,
  type: FloatType = 'F32',
): Source[] => weightsFor(modelConfigOf(config), type)

const issuesOf = (plan: CheckpointPlan): [code: string, message: string][] =>
  plan.issues.map(({ code, message }) => [code, message])

const floats = (tensor: Tensor): number[] => [...(tensor.float().toTypedArray() as Float32Array)]

describe.each(Object.entries(configs))('%s', (_name, config) => {
  const modelConfig = modelConfigOf(config)

  it('wants exactly the parameters that the model has, and as many bytes', () => {
    scope(() => {
      for (const dtype of ['float32', 'bfloat16'] as const) {
        const model = createModel(modelConfig, dtype)
        const parameters = [...model.parameters()]
        const wanted = [...wantedTensors(modelConfig)].map(({ name, shape }) => [name, shape])
        expect(wanted).toEqual(parameters.map(([name, { shape }]) => [name, shape]))
        const folder = fresh()
        writeFolder(folder, config, sources(config))
        const bytes = parameters.reduce((sum, [, { nbytes }]) => sum + nbytes, 0)
        expect(planCheckpoint(folder, { dtype }).bytes.parameters).toBe(bytes)
      }
    })
  })

  it.each([
    ['one file', 1],
    ['three shards', 3],
  ])('loads from %s into the model of its config.json, which then computes', (_files, shards) => {
    const folder = fresh()
    writeFolder(folder, config, sources(config, 'BF16'), shards)
    scope(() => {
      const { model, plan } = loadCheckpoint(folder)
      expect(model).toBeInstanceOf(isDeepSeekConfig(modelConfig) ? DeepSeek : Decoder)
      expect(plan.unneeded).toEqual([])
      expect(plan.tensors.map(({ name }) => name)).toEqual([...model.parameters().keys()])
      for (const { name, data } of sources(config))
        expect(floats(model.parameters().get(name)!)).toEqual([
          ...fromBfloat16(toBfloat16(data as Float32Array)),
        ])
      const logits = noGrad(() => model.forward(torch.tensor([[1, 2, 3]], { dtype: 'int64' })))
      expect(logits.shape).toEqual([1, 3, config.vocab_size])
      expect(logits.isfinite().all().item()).toBe(true)
    })
  })
})

describe('dtypes', () => {
  const rounded: Record<string, (values: Float32Array) => Float32Array> = {
    F32: (values) => values,
    F16: (values) => fromFloat16(toFloat16(values)),
    BF16: (values) => fromBfloat16(toBfloat16(values)),
  }
  const names = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' } as const
  const pairs = (['F32', 'F16', 'BF16'] as const).flatMap((from) =>
    (['float32', 'float16', 'bfloat16'] as const).map((to) => [from, to] as const),
  )

  it.each(pairs)('%s is rounded to %s as the file reader rounds', (from, to) => {
    const folder = fresh()
    writeFolder(folder, configs.tied, sources(configs.tied, from))
    using file = openSafetensors(folder)
    scope(() => {
      const { model } = loadCheckpoint(folder, { dtype: to })
      for (const [name, parameter] of model.parameters()) {
        expect(parameter.dtype).toBe(to)
        expect(parameter.requiresGrad).toBe(true)
        expect(floats(parameter)).toEqual([...rounded[names[to]]!(file.readFloats(name))])
      }
    })
  })

  it('keeps the correction of a router in fp32 in a model of bf16', () => {
    const folder = fresh()
    writeFolder(folder, configs.deepSeekV3, sources(configs.deepSeekV3))
    scope(() => {
      const parameters = loadCheckpoint(folder, { dtype: 'bfloat16' }).model.parameters()
      const name = 'model.layers.1.mlp.gate.e_score_correction_bias'
      expect(parameters.get(name)!.dtype).toBe('float32')
      const { data } = sources(configs.deepSeekV3).find((source) => source.name === name)!
      expect(floats(parameters.get(name)!)).toEqual([...(data as Float32Array)])
    })
  })

  it('fills fp32 masters of a model that computes in bf16, without a detour over bf16', () => {
    const folder = fresh()
    writeFolder(folder, configs.llama, sources())
    scope(() => {
      const weights = new MasterWeights(new Decoder(readDecoderConfig(configs.llama), 'bfloat16'))
      readCheckpointWeights(planCheckpoint(folder), weights.masters)
      for (const { name, data } of sources())
        expect(floats(weights.masters.get(name)!)).toEqual([...(data as Float32Array)])
    })
  })

  it('refuses values beyond float16, and leaves no parameter behind', async () => {
    const folder = fresh()
    const [first, ...rest] = sources(configs.llama, 'BF16')
    const data = (first!.data as Float32Array).map(() => 70_000)
    writeFolder(folder, configs.llama, [{ ...first!, data }, ...rest])
    await collected()
    scope(() => {
      const before = memory().liveTensors
      expect(() => loadCheckpoint(folder, { dtype: 'float16' })).toThrow(
        expect.objectContaining({ code: 'nn_checkpoint_value_too_large' }),
      )
      // The two tables of rotary positions stay until the caller's scope ends.
      expect(memory().liveTensors).toBe(before + 2)
    })
    expect(loadCheckpoint(folder, { dtype: 'bfloat16' }).plan.issues).toEqual([])
  })
})

it('respects tied embeddings: a stored head is not needed', () => {
  const folder = fresh()
  writeFolder(folder, configs.tied, sources(configs.llama))
  const { model, plan } = loadCheckpoint(folder)
  expect(plan.unneeded).toEqual(['lm_head.weight'])
  expect(model.lmHead).toBe(undefined)
})

it('reports unneeded tensors and reads none of them', () => {
  const folder = fresh()
  const surplus: Source = {
    name: 'model.layers.9.eh_proj.weight',
    shape: [3],
    type: 'F32',
    data: new Float32Array(3),
  }
  writeFolder(folder, configs.llama, [...sources(), surplus])
  const { unneeded, bytes, tensors, issues } = planCheckpoint(folder, { dtype: 'bfloat16' })
  const values = sources().reduce((sum, { data }) => sum + (data as Float32Array).length, 0)
  expect(unneeded).toEqual([surplus.name])
  expect(tensors.some(({ name }) => name === surplus.name)).toBe(false)
  expect(bytes).toEqual({
    parameters: 2 * values,
    rotaryTables: 16 * 4 * 4,
    read: 4 * values,
    largestRead: 384,
  })
  expect(issues).toEqual([])
})

describe('issues', () => {
  it('are all reported at once, before memory is allocated', async () => {
    const folder = fresh()
    const [embedding, query, key, ...rest] = sources()
    const bytes = new Uint8Array(rest[0]!.shape[0]! * rest[0]!.shape[1]!)
    const tensors = [
      { ...embedding!, shape: [8, 12] },
      key!,
      { ...rest[0]!, type: 'F8_E4M3' as never, data: bytes },
      ...rest.slice(1),
    ]
    writeFolder(folder, configs.llama, tensors)
    const plan = planCheckpoint(folder)
    expect(issuesOf(plan)).toEqual([
      [
        'nn_checkpoint_shape_mismatch',
        'model.embed_tokens.weight has shape [8, 12]; the model expects [12, 8]',
      ],
      [
        'nn_checkpoint_tensor_missing',
        `${query!.name} of shape [8, 8] is missing from ${join(folder, 'model.safetensors')}`,
      ],
      [
        'nn_checkpoint_dtype_unsupported',
        `${rest[0]!.name} is stored as F8_E4M3; supported are F32, F16 and BF16`,
      ],
    ])
    await collected()
    const before = memory().liveTensors
    const invalid = expect.objectContaining({ code: 'nn_checkpoint_invalid' })
    expect(() => loadCheckpoint(folder)).toThrow(invalid)
    expect(() => loadCheckpoint(folder)).toThrow(/3 error\(s\)/)
    expect(() => readCheckpointWeights(plan, new Map())).toThrow(invalid)
    expect(memory().liveTensors).toBe(before)
  })

  it('name every shard that is missing or damaged once, not each tensor in it', () => {
    const folder = fresh()
    writeFolder(folder, configs.llama, sources(), 4)
    rmSync(join(folder, shardName(0, 4)))
    truncateSync(join(folder, shardName(2, 4)), 100)
    rmSync(join(folder, shardName(3, 4)))
    mkdirSync(join(folder, shardName(3, 4)))
    const issues = issuesOf(planCheckpoint(folder))
    expect(issues.map(([code]) => code)).toEqual([
      'nn_checkpoint_file_missing',
      'safetensors_invalid',
      'tensor_file_unreadable',
    ])
    expect(issues[0]![1]).toBe(`${join(folder, shardName(0, 4))} is missing: the index has 6 tensor(s) in it`)
    expect(issues[1]![1]).toContain(shardName(2, 4))
  })

  it('name a tensor that its shard does not hold', () => {
    const folder = fresh()
    writeFolder(folder, configs.llama, sources(), 2)
    const shard = join(folder, shardName(1, 2))
    writeSafetensors(
      shard,
      sources().filter((_, index) => index % 2 === 1 && index > 1),
    )
    expect(issuesOf(planCheckpoint(folder))).toEqual([
      ['nn_checkpoint_tensor_missing', `${sources()[1]!.name} of shape [8, 8] is missing from ${shard}`],
    ])
  })

  it.each([undefined, '{', '[]', '{"weight_map": []}'])('name a missing or broken index (%s)', (text) => {
    const folder = fresh()
    mkdirSync(folder)
    writeFileSync(join(folder, 'config.json'), JSON.stringify(configs.llama))
    if (text !== undefined) writeFileSync(join(folder, 'model.safetensors.index.json'), text)
    const [[code, message], ...more] = issuesOf(planCheckpoint(folder)) as [[string, string]]
    expect(code).toBe(text === undefined ? 'nn_checkpoint_file_missing' : 'nn_checkpoint_json_invalid')
    expect(message).toContain('model.safetensors.index.json')
    expect(more).toEqual([])
  })

  it('name every entry of an index that points elsewhere', () => {
    const folder = fresh()
    writeFolder(folder, configs.llama, sources(), 2)
    const path = join(folder, 'model.safetensors.index.json')
    const { weight_map } = JSON.parse(readFileSync(path, 'utf8'))
    const bad = ['../model.safetensors', '..', 7, 'a\\b.safetensors', 'model.safetensors.index.json']
    for (const [index, value] of bad.entries()) weight_map[sources()[index]!.name] = value
    writeFileSync(path, JSON.stringify({ weight_map }))
    const issues = issuesOf(planCheckpoint(folder))
    expect(issues.map(([code]) => code)).toEqual(bad.map(() => 'nn_checkpoint_json_invalid'))
    expect(issues[0]![1]).toContain('assigns "model.embed_tokens.weight" to "../model.safetensors"')
  })

  it('of config.json are listed alongside those of the files', () => {
    const codes = (config?: string): string[] => {
      const folder = fresh()
      mkdirSync(folder)
      if (config !== undefined) writeFileSync(join(folder, 'config.json'), config)
      return planCheckpoint(folder).issues.map(({ code }) => code)
    }
    const noWeights = 'nn_checkpoint_file_missing'
    expect(codes()).toEqual([noWeights, noWeights])
    expect(codes('{')).toEqual(['nn_checkpoint_json_invalid', noWeights])
    expect(codes('null')).toEqual(['nn_architecture_unknown', noWeights])
    expect(codes(JSON.stringify({ ...configs.llama, vocab_size: 0 }))).toEqual([
      'nn_invalid_model_config',
      noWeights,
    ])
  })

  it('name an unknown architecture and those that are known', () => {
    const message = (change: object): string => {
      const folder = fresh()
      writeFolder(folder, { ...configs.llama, ...change }, sources())
      return issuesOf(planCheckpoint(folder))[0]?.join(': ') ?? ''
    }
    const known =
      'supported are LlamaForCausalLM (llama), Qwen2ForCausalLM (qwen2), Qwen3ForCausalLM (qwen3), ' +
      'DeepseekV2ForCausalLM (deepseek_v2), DeepseekV3ForCausalLM (deepseek_v3)'
    expect(message({ architectures: ['MambaForCausalLM'], model_type: 'mamba' })).toBe(
      `nn_architecture_unknown: unknown architecture "MambaForCausalLM" of model_type "mamba"; ${known}`,
    )
    expect(message({ architectures: undefined, model_type: 'mamba' })).toContain(
      'unknown architecture "mamba"',
    )
    expect(message({ architectures: ['LlamaForSequenceClassification'] })).toContain(
      'nn_architecture_unknown',
    )
    expect(message({ architectures: ['Qwen2ForCausalLM'] })).toContain('nn_architecture_unknown')
    expect(message({ architectures: undefined })).toBe('')
  })

  it('end for a config.json that asks for more than can be listed', () => {
    const folder = fresh()
    writeFolder(folder, { ...configs.llama, num_hidden_layers: 1e15 }, sources())
    expect(planCheckpoint(folder).issues).toHaveLength(10_000)
    expect(() => loadCheckpoint(folder)).toThrow(/and 9980 more/)
  })

  it('of parameters that are not those of the plan are found before anything is written', () => {
    const folder = fresh()
    writeFolder(folder, configs.llama, sources())
    const parameters = new Map([
      ['model.embed_tokens.weight', torch.zeros([12, 9])],
      ['other', torch.zeros([1])],
    ])
    expect(() => readCheckpointWeights(planCheckpoint(folder), parameters)).toThrow(
      expect.objectContaining({
        code: 'nn_weights_mismatch',
        message: expect.stringMatching(/other is missing[\s\S]*\[12, 8\]; the model expects \[12, 9\]/),
      }),
    )
  })

  it('of files that changed after the plan are reported', () => {
    const folder = fresh()
    writeFolder(folder, configs.llama, sources())
    const plan = planCheckpoint(folder)
    writeFolder(folder, configs.llama, sources(configs.llama, 'F16'))
    const { masters } = new MasterWeights(new Decoder(readDecoderConfig(configs.llama)))
    expect(() => readCheckpointWeights(plan, masters)).toThrow(
      expect.objectContaining({ code: 'nn_weights_mismatch' }),
    )
  })
})

it('any index leads to a plan with coded issues or with every tensor', () => {
  const folder = fresh()
  writeFolder(folder, configs.llama, sources(), 2)
  const path = join(folder, 'model.safetensors.index.json')
  const good = readFileSync(path)
  const names = sources().map(({ name }) => name)
  const shard = fc.oneof(
    fc.constantFrom(
      shardName(0, 2),
      shardName(1, 2),
      'config.json',
      '.',
      '..',
      '.safetensors',
      '\0.safetensors',
    ),
    fc.string(),
    fc.jsonValue(),
  )
  const name = fc.oneof(fc.constantFrom(...names, '__proto__', 'constructor'), fc.string())
  const mapping = fc.array(fc.tuple(name, shard), { maxLength: 8 }).map((changes) => {
    const weight_map = { ...JSON.parse(good.toString()).weight_map }
    for (const [key, value] of changes)
      Object.defineProperty(weight_map, key, { value, enumerable: true, configurable: true, writable: true })
    return Buffer.from(JSON.stringify({ weight_map }))
  })
  const damaged = fc
    .array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 4 })
    .map((changes) => {
      const bytes = Buffer.from(good)
      for (const [at, value] of changes) bytes[at] = value
      return bytes
    })
  const cut = fc.nat(good.length).map((length) => good.subarray(0, length))
  const other = fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)))
  fc.assert(
    fc.property(fc.oneof(mapping, damaged, cut, other), (bytes) => {
      writeFileSync(path, bytes)
      const { issues, tensors } = planCheckpoint(folder)
      if (issues.length === 0) expect(tensors.map((tensor) => tensor.name)).toEqual(names)
      for (const { code, help } of issues) {
        expect(code).toMatch(/^(nn_checkpoint_|safetensors_invalid$|tensor_file_unreadable$)/)
        expect(help).not.toBe('')
      }
    }),
    { numRuns: 500 },
  )
})
