import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isHadalError } from '@hadal/base'
import { openSafetensors, type PlainType, type TensorSource, writeSafetensors } from '@hadal/formats'
import { type LoraOptions, loraDefaults, loraRank, loraScale } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { hasTorch } from '../../../nn/test/reference/torch-installed.ts'
import { expectClose } from '../../../tensor/test/expect-close.ts'
import type { HostTensor } from '../weights.ts'
import { type AdapterFile, exportPeft, mergedWeights, readPeft } from './peft.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-peft-'))
afterAll(() => rmSync(root, { recursive: true }))
const folder = join(root, 'sound')
const tensorsPath = join(folder, 'adapter_model.safetensors')
const configPath = join(folder, 'adapter_config.json')

const filled = (shape: readonly number[], from: number): HostTensor => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => (from + at) / 8),
})
/** Rank 2, with [3, 4] matrices. */
const sound: AdapterFile = {
  weights: new Map(
    ['model.layers.0.self_attn.q_proj', 'model.layers.1.mlp.up_proj'].flatMap((module, index) => [
      [`${module}.lora_A.weight`, filled([2, 4], index)],
      [`${module}.lora_B.weight`, filled([3, 2], -index)],
    ]),
  ),
  adapter: { rank: 2, alpha: 6, targets: ['q_proj', 'up_proj'] },
  baseModel: 'somebody/model',
}

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true })
  exportPeft(folder, sound)
})

type Json = Record<string, unknown>
const config = (path = folder): Json => JSON.parse(readFileSync(join(path, 'adapter_config.json'), 'utf8'))
const say = (changed: Json): void => writeFileSync(configPath, JSON.stringify({ ...config(), ...changed }))
const bytes = (path: string): Buffer => readFileSync(join(path, 'adapter_model.safetensors'))

/** Writes adapters as `peft` and `safetensors` do, by hand, each with its values as float32, concatenated by name. */
const writeByHand = `
import json, sys, torch
order = [torch.bfloat16, torch.float16]
def write(folder, config, tensors):
    ordered = sorted(tensors.items(), key=lambda item: (0 if item[1].dtype == torch.float32 else 1 + order.index(item[1].dtype), item[0]))
    header, data = {'__metadata__': {'format': 'pt'}}, b''
    names = {torch.float32: 'F32', torch.bfloat16: 'BF16', torch.float16: 'F16'}
    for name, tensor in ordered:
        raw = bytes(tensor.contiguous().view(torch.uint8).flatten().tolist())
        header[name] = {'dtype': names[tensor.dtype], 'shape': list(tensor.shape), 'data_offsets': [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    open(folder + '/adapter_model.safetensors', 'wb').write(len(text).to_bytes(8, 'little') + text + data)
    usual = dict(alora_invocation_tokens=None, alpha_pattern={}, arrow_config=None, auto_mapping=None, base_model_name_or_path='somebody/model',
        bias='none', corda_config=None, ensure_weight_tying=False, eva_config=None, exclude_modules=None, fan_in_fan_out=False,
        inference_mode=True, init_lora_weights=True, layer_replication=None, layers_pattern=None, layers_to_transform=None, loftq_config={},
        lora_alpha=16, lora_bias=False, lora_dropout=0.0, megatron_config=None, megatron_core='megatron.core', modules_to_save=None,
        peft_type='LORA', peft_version='0.18.0', qalora_group_size=16, r=4, rank_pattern={}, revision=None, target_modules=['q_proj', 'up_proj'],
        target_parameters=None, task_type='CAUSAL_LM', trainable_token_indices=None, use_dora=False, use_qalora=False, use_rslora=False)
    open(folder + '/adapter_config.json', 'w').write(json.dumps({**usual, **config}, indent=2, sort_keys=True))
    values = torch.cat([tensors[name].float().flatten() for name in sorted(tensors)])
    open(folder + '/values', 'wb').write(bytes(values.view(torch.uint8).tolist()))
def adapter(types, ranks, dora=False):
    found = {}
    for at, (module, outputs, inputs) in enumerate([('layers.0.self_attn.q_proj', 6, 8), ('layers.1.mlp.up_proj', 12, 8)]):
        name, rank = 'base_model.model.model.' + module, ranks[at]
        found[name + '.lora_A.weight'] = torch.randn(rank, inputs).to(types[0])
        found[name + '.lora_B.weight'] = torch.randn(outputs, rank).to(types[-1])
        if dora: found[name + '.lora_magnitude_vector'] = torch.rand(outputs)
    return found
torch.manual_seed(1)
f32, bf16, f16 = torch.float32, torch.bfloat16, torch.float16
write(sys.argv[1], {}, adapter([f32], [4, 4]))
write(sys.argv[2], {'use_rslora': True, 'lora_dropout': 0.05}, adapter([bf16], [4, 4]))
write(sys.argv[3], {'use_dora': True, 'rank_pattern': {'up_proj': 2}, 'alpha_pattern': {r'layers\\.1\\.mlp\\.up_proj': 64}}, adapter([f16, bf16], [4, 2], True))
head = {'base_model.model.score.weight': torch.randn(3, 8)}
write(sys.argv[4], {'modules_to_save': ['classifier', 'score'], 'task_type': 'SEQ_CLS'}, {**adapter([f32, f16], [4, 4]), **head})
`

describe.skipIf(!hasTorch())('a folder as peft writes it', () => {
  const folders = ['plain', 'rs', 'dora', 'head'].map((name) => join(root, 'by-hand', name))
  const readAll = (): AdapterFile[] => {
    for (const path of folders) mkdirSync(path, { recursive: true })
    execFileSync('/usr/bin/python3', ['-c', writeByHand, ...folders])
    return folders.map(readPeft)
  }

  it('is read with the values and options that it has, and written again byte for byte', () => {
    const read = readAll()
    for (const [index, path] of folders.entries()) {
      const file = read[index]!
      const values = [...file.weights.keys()].sort().flatMap((name) => [...file.weights.get(name)!.values])
      expect(values).toEqual([...new Float32Array(new Uint8Array(readFileSync(join(path, 'values'))).buffer)])
      exportPeft(join(path, 'again'), file)
      expect(bytes(join(path, 'again')).equals(bytes(path))).toBe(true)
      expect(Object.keys(config(join(path, 'again')))).toEqual(Object.keys(config(path)))
      expect(readPeft(join(path, 'again'))).toEqual(file)
    }
    const [plain, rs, dora, head] = read as [AdapterFile, AdapterFile, AdapterFile, AdapterFile]
    expect(config(join(folders[0]!, 'again'))).toEqual(config(folders[0]))
    expect(config(join(folders[1]!, 'again'))).toEqual(config(folders[1]))
    expect(plain).toMatchObject({ adapter: { rank: 4, alpha: 16, dora: false }, baseModel: 'somebody/model' })
    expect(rs.adapter).toMatchObject({ rankStabilized: true, dropout: 0.05 })
    const up = 'model.layers.1.mlp.up_proj'
    expect(dora.adapter).toMatchObject({ dora: true, rankPattern: { [up]: 2 }, alphaPattern: { [up]: 64 } })
    expect([...dora.types!.values()].sort()).toEqual(['BF16', 'BF16', 'F16', 'F16', 'F32', 'F32'])
    expect(head.weights.get('score.weight')!.shape).toEqual([3, 8])
  })
})

describe('what exportPeft writes', () => {
  const moduleNames = ['self_attn.q_proj', 'self_attn.k_proj', 'mlp.down_proj'].flatMap((name) =>
    [0, 1, 11].map((layer) => `model.layers.${layer}.${name}`),
  )
  const patterns = fc.dictionary(
    fc.constantFrom('q_proj', 'layers.1.*', '*', 'self_attn.k_proj', ...moduleNames),
    fc.integer({ min: 1, max: 5 }),
    { maxKeys: 3, noNullPrototype: true },
  )
  const options = fc.record<LoraOptions>({
    rank: fc.integer({ min: 1, max: 5 }),
    alpha: fc.integer({ min: 1, max: 64 }),
    rankStabilized: fc.boolean(),
    targets: fc.constantFrom(['q_proj', 'k_proj', 'down_proj'], ['*'], ['self_attn.*', 'mlp.down_proj']),
    rankPattern: patterns,
    alphaPattern: patterns,
    dropout: fc.constantFrom(0, 0.1),
    dora: fc.boolean(),
    quantization: fc.constant('none'),
    doubleQuantization: fc.constant(true),
  })
  const adapters = fc
    .record({
      options,
      modules: fc.subarray(moduleNames, { minLength: 1 }),
      type: fc.constantFrom('F32' as const, 'BF16' as const, 'F16' as const),
      seed: fc.nat(100),
      head: fc.boolean(),
    })
    .map(({ options, modules, type, seed, head }): AdapterFile => {
      const weights = new Map<string, HostTensor>()
      for (const module of modules) {
        const rank = loraRank(module, options)
        weights.set(`${module}.lora_A.weight`, filled([rank, 3], seed))
        weights.set(`${module}.lora_B.weight`, filled([4, rank], seed + 1))
        if (options.dora) weights.set(`${module}.lora_magnitude_vector`, filled([4], seed + 2))
      }
      if (head) weights.set('score.weight', filled([2, 3], seed))
      const types = new Map([...weights.keys()].map((name) => [name, type]))
      return { weights, adapter: options, baseModel: 'base', types }
    })

  it('is read back the same, and written again to the bit', () => {
    const [first, second] = [join(root, 'first'), join(root, 'second')]
    fc.assert(
      fc.property(adapters, (file) => {
        exportPeft(first, file)
        const read = readPeft(first)
        expect([...read.weights].sort()).toEqual([...file.weights].sort())
        expect(read.types).toEqual(new Map([...file.types!].sort()))
        const [given, found] = [file, read].map(({ adapter }) => ({ ...loraDefaults, ...adapter })) as [
          LoraOptions,
          LoraOptions,
        ]
        for (const name of file.weights.keys()) {
          const module = name.replace(/\.lora_.*$/, '')
          if (module === name) continue
          expect([loraRank(module, found), loraScale(module, found)]).toEqual([
            loraRank(module, given),
            loraScale(module, given),
          ])
        }
        expect(found).toMatchObject({ dora: given.dora, dropout: given.dropout })
        exportPeft(second, read)
        expect(bytes(second).equals(bytes(first))).toBe(true)
        exportPeft(first, readPeft(second))
        expect(config(first)).toEqual(config(second))
      }),
      { numRuns: 60 },
    )
  })

  it('says targets with a star module by module, and patterns as expressions', () => {
    const adapter = {
      ...sound.adapter,
      targets: ['layers.*.mlp.*', 'q_proj'],
      rankPattern: { 'layers.9.*': 3 },
    }
    exportPeft(folder, { ...sound, adapter })
    expect(config()).toMatchObject({
      target_modules: ['model.layers.0.self_attn.q_proj', 'model.layers.1.mlp.up_proj'],
      rank_pattern: { 'layers\\.9\\.[^.]*': 3 },
      task_type: 'CAUSAL_LM',
      modules_to_save: null,
    })
  })
})

describe('readPeft', () => {
  it.each<[string, Json, readonly string[]]>([
    ['a list', {}, ['q_proj', 'up_proj']],
    [
      'an expression',
      { target_modules: '.*(q|up)_proj' },
      ['model.layers.0.self_attn.q_proj', 'model.layers.1.mlp.up_proj'],
    ],
    [
      'all-linear',
      { target_modules: 'all-linear' },
      ['model.layers.0.self_attn.q_proj', 'model.layers.1.mlp.up_proj'],
    ],
    [
      'some layers',
      { layers_to_transform: [0, 1] },
      ['model.layers.0.self_attn.q_proj', 'model.layers.1.mlp.up_proj'],
    ],
    [
      'too few',
      { target_modules: ['q_proj'] },
      ['model.layers.0.self_attn.q_proj', 'model.layers.1.mlp.up_proj'],
    ],
  ])('accepts targets given as %s', (_, changed, targets) => {
    say(changed)
    expect(readPeft(folder).adapter.targets).toEqual(targets)
  })

  it('takes the names that versions of peft have for the same tensors', () => {
    const q = 'base_model.model.model.layers.0.self_attn.q_proj'
    say({ use_dora: true, target_modules: ['q_proj'] })
    for (const end of [
      'lora_magnitude_vector',
      'lora_magnitude_vector.weight',
      'lora_magnitude_vector.default.weight',
    ]) {
      writeTensors([
        [`${q}.lora_A.default.weight`, [2, 4]],
        [`${q}.lora_B.weight`, [3, 2]],
        [`${q}.${end}`, [3]],
      ])
      expect([...readPeft(folder).weights.keys()].sort()).toEqual(
        ['lora_A.weight', 'lora_B.weight', 'lora_magnitude_vector'].map(
          (part) => `model.layers.0.self_attn.q_proj.${part}`,
        ),
      )
    }
  })

  it.each<[Json, string]>([
    [{ peft_type: 'IA3' }, 'peft_type is "IA3"; it must be "LORA"'],
    [{ r: 0 }, 'r is 0; it must be a whole number'],
    [{ r: 2.5 }, 'r is 2.5'],
    [{ lora_alpha: '16' }, 'lora_alpha is "16"'],
    [{ lora_alpha: -1 }, 'lora_alpha is -1'],
    [{ lora_dropout: 1 }, 'lora_dropout is 1'],
    [{ target_modules: null }, 'target_modules is null'],
    [{ target_modules: [1] }, 'target_modules is [1]'],
    [{ use_dora: 'yes' }, 'use_dora is "yes"; it must be true or false'],
    [{ use_rslora: 1 }, 'use_rslora is 1'],
    [{ fan_in_fan_out: true }, 'fan_in_fan_out is true; it must be false: its matrices are transposed'],
    [{ bias: 'all' }, 'bias is "all"; it must be "none"'],
    [{ lora_bias: true }, 'lora_bias is true'],
    [{ modules_to_save: 'score' }, 'modules_to_save is "score"; it must be a list of names'],
    [{ base_model_name_or_path: 7 }, 'base_model_name_or_path is 7'],
    [{ init_lora_weights: 'pissa_niter_4' }, 'pissa_niter_4 changes the weights of the base'],
    [{ alora_invocation_tokens: [1, 2] }, 'alora_invocation_tokens is [1,2]; it must be null'],
    [{ target_parameters: ['experts'] }, 'target_parameters is ["experts"]'],
    [{ trainable_token_indices: [1] }, 'trainable_token_indices is [1]'],
    [{ rank_pattern: 3 }, 'rank_pattern is 3; it must be an object'],
    [{ rank_pattern: { q_proj: 0 } }, 'rank_pattern["q_proj"] is 0; it must be a whole number'],
    [{ alpha_pattern: { '(': 4 } }, 'alpha_pattern has the key "(", which is not a regular expression'],
    [{ rank_pattern: { q_proj: 4 } }, 'q_proj has lora_A [2,4] and lora_B [3,2], which do not match rank 4'],
    [{ use_dora: true }, 'q_proj has no lora_magnitude_vector, which use_dora requires'],
  ])('refuses %j', (changed, message) => {
    say(changed)
    expect(() => readPeft(folder)).toThrow(invalid(message))
  })

  const q = 'base_model.model.model.layers.0.self_attn.q_proj'
  it.each<[string, readonly (readonly [string, readonly number[], PlainType?])[], string]>([
    ['no tensors', [], 'it contains no lora_A and lora_B'],
    ['A alone', [[`${q}.lora_A.weight`, [2, 4]]], 'q_proj has no lora_B'],
    ['B alone', [[`${q}.lora_B.weight`, [2, 4]]], 'q_proj has no lora_A'],
    [
      'a vector',
      [
        [`${q}.lora_A.weight`, [2]],
        [`${q}.lora_B.weight`, [3, 2]],
      ],
      'lora_A [2] and lora_B [3,2]',
    ],
    [
      'a magnitude without use_dora',
      [
        [`${q}.lora_A.weight`, [2, 4]],
        [`${q}.lora_B.weight`, [3, 2]],
        [`${q}.lora_magnitude_vector`, [3]],
      ],
      'has a lora_magnitude_vector, but use_dora is not true',
    ],
    ['names without the prefix', [['model.q_proj.lora_A.weight', [2, 4]]], 'must start with'],
    [
      'the same tensor twice',
      [
        [`${q}.lora_A.weight`, [2, 4]],
        [`${q}.lora_A.default.weight`, [2, 4]],
        [`${q}.lora_B.weight`, [3, 2]],
      ],
      'are the same tensor',
    ],
    [
      'an embedding',
      [[`${q}.lora_embedding_A`, [2, 4]]],
      'lora_embedding_A is neither lora_A nor lora_B of a linear module',
    ],
    [
      'doubles',
      [
        [`${q}.lora_A.weight`, [2, 4], 'F64'],
        [`${q}.lora_B.weight`, [3, 2]],
      ],
      'lora_A.weight is of type F64',
    ],
    [
      'a head that is not named',
      [
        [`${q}.lora_A.weight`, [2, 4]],
        [`${q}.lora_B.weight`, [3, 2]],
        ['base_model.model.score.weight', [2, 4]],
      ],
      'modules_to_save does not name it',
    ],
  ])('refuses a file with %s', (_, tensors, message) => {
    writeTensors(tensors)
    expect(() => readPeft(folder)).toThrow(invalid(message))
  })

  it('refuses magnitudes of another length, and values that are not finite', () => {
    say({ use_dora: true })
    writeTensors([
      [`${q}.lora_A.weight`, [2, 4]],
      [`${q}.lora_B.weight`, [3, 2]],
      [`${q}.lora_magnitude_vector`, [1, 3]],
    ])
    expect(() => readPeft(folder)).toThrow(invalid('a lora_magnitude_vector [1,3], not [3]'))
    const [name, { shape }] = [...sound.weights][0]!
    const values = new Float32Array(8).fill(Number.NaN)
    exportPeft(folder, { ...sound, weights: new Map([...sound.weights, [name, { shape, values }]]) })
    expect(() => readPeft(folder)).toThrow(invalid('q_proj.lora_A.weight contains non-finite values'))
  })

  it('refuses what is no such folder, and pickles', () => {
    expect(() => readPeft(join(root, 'nowhere'))).toThrow(invalid('the file does not exist'))
    for (const text of ['', '[', 'null', '{}', '[]', '7']) {
      writeFileSync(configPath, text)
      expect(() => readPeft(folder), text).toThrow(invalid('adapter_config.json'))
    }
    exportPeft(folder, sound)
    renameSync(tensorsPath, join(folder, 'adapter_model.bin'))
    expect(() => readPeft(folder)).toThrow(
      expect.objectContaining({
        code: 'train_peft_pickled',
        message: expect.stringContaining('adapter_model.bin'),
        help: expect.stringContaining('save_pretrained'),
      }),
    )
    rmSync(join(folder, 'adapter_model.bin'))
    expect(() => readPeft(folder)).toThrow(expect.objectContaining({ code: 'tensor_file_unreadable' }))
  })

  it('survives any damage with a coded error or a sound reading', () => {
    const [tensors, text] = [readFileSync(tensorsPath), readFileSync(configPath)]
    const damaged = (valid: Buffer): fc.Arbitrary<Uint8Array> =>
      fc.oneof(
        fc.nat(valid.length - 1).map((length) => valid.subarray(0, length)),
        fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) => valid.with(at, byte)),
        fc
          .tuple(
            fc.nat(valid.length - 1),
            fc.constantFrom('"', '}', ',', 'null', '0', '-', '[]', '(', '.default'),
          )
          .map(([at, part]) => Buffer.concat([valid.subarray(0, at), Buffer.from(part), valid.subarray(at)])),
      )
    const value = fc.jsonValue({ maxDepth: 2 })
    const changed = fc
      .tuple(fc.constantFrom(...Object.keys(config())), value)
      .map(([key, json]) => Buffer.from(JSON.stringify({ ...JSON.parse(text.toString()), [key]: json })))
    const either = fc.oneof(
      damaged(tensors).map((one) => [one, text] as const),
      fc.oneof(damaged(text), changed).map((one) => [tensors, one] as const),
    )
    const codes = ['train_peft_invalid', 'safetensors_invalid', 'tensor_file_unreadable']
    fc.assert(
      fc.property(either, ([first, second]) => {
        writeFileSync(tensorsPath, first)
        writeFileSync(configPath, second)
        try {
          const { weights, adapter } = readPeft(folder)
          expect(weights.size).toBeGreaterThan(0)
          expect(adapter.rank).toBeGreaterThan(0)
        } catch (error) {
          if (!isHadalError(error)) throw error
          expect(codes).toContain(error.code)
        }
      }),
      { numRuns: 600 },
    )
  })
})

it('merges fully trained modules into the weights, and adds a separate head', () => {
  const base = new Map([
    ['model.layers.0.self_attn.q_proj.weight', filled([3, 4], 0)],
    ['model.layers.1.mlp.up_proj.weight', filled([3, 4], 1)],
    ['lm_head.weight', filled([5, 4], 2)],
  ])
  const [head, scores] = [filled([5, 4], 9), filled([2, 4], 3)]
  const weights = new Map([...sound.weights, ['lm_head.weight', head], ['score.weight', scores]])
  const merged = mergedWeights(base, { ...sound, weights })
  expect([...merged.keys()]).toEqual([...base.keys(), 'score.weight'])
  expect([merged.get('lm_head.weight'), merged.get('score.weight')]).toEqual([head, scores])
  // W + 6/2 · B A, by hand: row 0, column 0.
  const [w, a, b] = ['.weight', '.lora_A.weight', '.lora_B.weight'].map((end) => {
    const name = `model.layers.0.self_attn.q_proj${end}`
    return (base.get(name) ?? weights.get(name))!.values
  }) as [Float32Array, Float32Array, Float32Array]
  const wanted = w[0]! + 3 * (b[0]! * a[0]! + b[1]! * a[4]!)
  expectClose(merged.get('model.layers.0.self_attn.q_proj.weight')!.values[0]!, wanted, { roundings: 10 })
})

const invalid = (message: string): unknown =>
  expect.objectContaining({ code: 'train_peft_invalid', message: expect.stringContaining(message) })

function writeTensors(tensors: readonly (readonly [string, readonly number[], PlainType?])[]): void {
  const sources = tensors.map(([name, shape, type = 'F32']): TensorSource<PlainType> => {
    const bytesOfValue = type === 'F64' ? 8 : 4
    return { name, shape, type, data: new Uint8Array(shape.reduce((a, b) => a * b, bytesOfValue)) }
  })
  writeSafetensors(tensorsPath, sources, { format: 'pt' })
  using _ = openSafetensors(tensorsPath)
}
