import { packStream, usualChunk } from '@hadal/nn'
import { describe, expect, it } from 'vitest'
import { oneLayer as options, windows } from '../test/one-layer.ts'
import { guardDefaults } from './divergence-guard.ts'
import { defineRun, type RunOptions } from './run.ts'

describe('defineRun', () => {
  it('fills in the usual values', () => {
    expect(defineRun(options)).toMatchObject({
      precision: 'fp32',
      clipNorm: 1,
      seed: 1,
      guard: guardDefaults,
    })
    expect(defineRun({ ...options, guard: { patience: 7 } }).guard).toEqual({ ...guardDefaults, patience: 7 })
    expect(defineRun({ ...options, guard: false }).guard).toBe(false)
  })

  it('names every issue at once, by path and value', () => {
    const broken: RunOptions = {
      ...options,
      name: 'no spaces',
      folder: '',
      precision: 'fp12' as 'bf16',
      seed: -1,
      clipNorm: 0,
      model: { ...options.model, num_key_value_heads: 3, max_position_embeddings: 2, vocab_size: 6 },
      batch: { windows: 0, accumulate: 1.5 },
      schedule: { peak: 0, warmupSteps: 9, totalSteps: 4, floorFraction: 2 },
      optimizer: { beta1: 1, beta2: -1, eps: 0, weightDecay: Number.NaN },
      evaluate: { everySteps: 0 },
      guard: {
        maxNorm: 0,
        patience: 0,
        lowerRate: 2,
        recoverSteps: 0,
        batch: 'drop' as 'skip',
        snapshotEverySteps: 0.5,
        maxInterventions: -1,
      },
      checkpoint: { everySteps: 0, keep: 0 },
    }
    let thrown: unknown
    try {
      defineRun(broken)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'train_invalid_run' })
    const { message } = thrown as Error
    for (const path of [
      'name is "no spaces"',
      'folder is empty',
      'precision is "fp12"',
      'seed is -1',
      'clipNorm is 0',
      'model.num_attention_heads 2 is not a multiple',
      'batch.windows is 0',
      'batch.accumulate is 1.5',
      'schedule.peak is 0',
      'schedule.warmupSteps is 9',
      'schedule.floorFraction is 2',
      'optimizer.beta1 is 1',
      'optimizer.beta2 is -1',
      'optimizer.eps is 0',
      'optimizer.weightDecay is NaN',
      'evaluate.everySteps is 0',
      'guard.maxNorm is 0',
      'guard.patience is 0',
      'guard.lowerRate is 2',
      'guard.recoverSteps is 0',
      'guard.batch is "drop"',
      'guard.snapshotEverySteps is 0.5',
      'guard.maxInterventions is -1',
      'checkpoint.everySteps is 0',
      'checkpoint.keep is 0',
      'data.train window length is 4',
      'data.valid largest token is 8',
    ])
      expect(message).toContain(path)
  })

  it('derives a run from a run', () => {
    const run = defineRun(options)
    expect(defineRun(run)).toEqual(run)
    expect(defineRun({ ...run, seed: 2 })).toEqual(defineRun({ ...options, seed: 2 }))
    expect(defineRun({ ...run, seed: 2 }).fingerprint).not.toBe(run.fingerprint)
  })

  it('names unknown keys, with the nearest known ones', () => {
    const misspelt = {
      ...options,
      batch: { ...options.batch, acumulate: 2 },
      guard: { pacience: 2 } as object,
      presicion: 'bf16',
    }
    expect(() => defineRun(misspelt)).toThrow(
      /presicion is unknown; did you mean precision\?[\s\S]*batch\.acumulate is unknown; did you mean accumulate\?[\s\S]*guard\.pacience is unknown; did you mean patience\?/,
    )
  })
})

it('names parts that are missing', () => {
  const { schedule: _, data: __, ...rest } = options
  expect(() => defineRun(rest as RunOptions)).toThrow(/data is missing[\s\S]*schedule is missing/)
  expect(() => defineRun({} as RunOptions)).toThrow(/^run "\(no name\)" has/)
})

describe('the fingerprint', () => {
  const of = (change: Partial<RunOptions>): string => defineRun({ ...options, ...change }).fingerprint
  const original = of({})

  it('stays when nothing that decides the weights changes', () => {
    expect(of({ name: 'other', folder: 'elsewhere', evaluate: { everySteps: 3 } })).toBe(original)
    expect(of({ checkpoint: { everySteps: 1, keep: 9 } })).toBe(original)
  })

  it('changes with configuration, data and starting weights', () => {
    const other = packStream([[1, 2, 3, 4, 5, 6, 7, 8, 10]], 4, 0)
    const startFrom = new Map([['w', { shape: [1], values: Float32Array.of(1) }]])
    const all = [
      original,
      of({ seed: 2 }),
      of({ precision: 'bf16' }),
      of({ data: { train: other, valid: windows } }),
      of({ data: { train: { ...windows, segments: new Int32Array(8) }, valid: windows } }),
      of({ startFrom }),
      of({ guard: false }),
      of({ guard: { maxNorm: 50 } }),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('differs for windows, pairs and texts of another length', () => {
    const cut = (length: number) => ({ ...windows, length, count: windows.inputs.length / length })
    const pairs = (length: number) => ({ chosen: cut(length), rejected: cut(length) })
    const texts = (length: number) => {
      const count = 8 / length
      return {
        length,
        inputs: new Int32Array(8),
        sizes: new Int32Array(count).fill(1),
        labels: new Int32Array(count),
      }
    }
    const data = <T>(part: T) => ({ train: part, valid: part })
    const objective = { kind: 'classes', classes: 2 } as const
    const all = [
      ...[4, 2].map((length) => of({ data: data(cut(length)) })),
      ...[4, 2].map((length) => of({ data: data(pairs(length)), objective: { kind: 'reward' } })),
      ...[4, 2].map((length) => of({ data: data(texts(length)), objective })),
    ]
    expect(new Set(all).size).toBe(all.length)
    const stream = (length: number) => ({ length, fingerprint: 'one', open: () => null as never })
    expect(of({ data: { train: stream(2), valid: windows } })).not.toBe(
      of({ data: { train: stream(4), valid: windows } }),
    )
  })

  it('is the same however the configuration is written', () => {
    const reversed = <T extends object>(value: T): T =>
      Object.fromEntries(Object.entries(value).reverse()) as T
    const { model, schedule } = options
    expect(of({ model: reversed(model), schedule: reversed(schedule) })).toBe(original)
    expect(of({ model: { ...model, model_type: 'llama', head_dim: 4, rope_scaling: null } })).toBe(original)
    expect(of({ schedule: { kind: 'cosine', ...schedule } })).toBe(original)
    expect(of({ optimizer: { weightDecay: 0.1, kind: 'adamw' } })).toBe(original)
    expect(of({ optimizer: {} })).toBe(original)
    expect(of({ objective: { zLoss: 0, kind: 'tokens' } })).toBe(original)
    expect(of({ lossChunkTokens: usualChunk(model.vocab_size) })).toBe(original)
    expect(of({ lossChunkTokens: 0 })).not.toBe(original)
    expect(of({ guard: reversed(guardDefaults) })).toBe(original)
    const startFrom = new Map([
      ['v', { shape: [1], values: Float32Array.of(2) }],
      ['w', { shape: [1], values: Float32Array.of(1) }],
    ])
    const adapted = of({ startFrom, adapter: {} })
    expect(of({ startFrom: new Map([...startFrom].reverse()), adapter: { rank: 16 } })).toBe(adapted)
    expect(of({ startFrom, adapter: { rank: 8 } })).not.toBe(adapted)
    expect(of({ average: {} })).toBe(of({ average: { decay: 0.999 } }))
    expect(of({ average: {} })).not.toBe(original)
  })
})
