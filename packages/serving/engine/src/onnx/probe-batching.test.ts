import { describe, expect, it } from 'vitest'
import { onnxModel } from '../../test/onnx/models.ts'
import type { TensorSpec, TensorValue } from '../tensor-value.ts'
import { dataOf } from './element-arrays.ts'
import { inferenceFailed } from './errors.ts'
import { openSession } from './open-session.ts'
import { type ProbeOptions, probeBatching } from './probe-batching.ts'

const probe: ProbeOptions = { bitEqual: false, mayRun: true }

async function probed(name: string, options: Partial<ProbeOptions> = {}) {
  const session = await openSession(onnxModel(name), { threads: 1, optimize: true })
  try {
    return await probeBatching(session, { ...probe, ...options })
  } finally {
    await session.close()
  }
}

describe('probeBatching', () => {
  it.each([
    ['vision', 'free', 'rows are bit-identical in any batch'],
    ['simple', 'free', 'bit-identical'],
    ['types', 'free', 'bit-identical'],
    // The runtime sums a single row differently from several.
    ['sequence', 'free', 'of the largest value'],
    ['lookup', 'free', 'bit-identical'],
    ['fixed', 'fixed', 'the first dimension is 4 everywhere; rows are bit-identical'],
    ['single', 'fixed', 'one row at a time'],
    ['unbatched', 'none', 'the first dimensions differ'],
    ['coupled', 'none', 'rows depend on their batch'],
    ['busy', 'none', 'no dimensions'],
  ])('proves how rows of %s go together: %s', async (name, kind, reason) => {
    expect(await probed(name)).toMatchObject({ kind, reason: expect.stringContaining(reason) })
  })

  it('batches nothing that changes in a batch when bit-equal results are required', async () => {
    expect(await probed('sequence', { bitEqual: true })).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('batchInvariant'),
    })
    expect(await probed('vision', { bitEqual: true })).toMatchObject({ kind: 'free' })
  })

  it('believes the shapes where it may not compute', async () => {
    expect(await probed('coupled', { mayRun: false })).toEqual({
      kind: 'free',
      reason: 'the first dimension is free',
    })
  })

  /** With one input and one output; `run` gets the rows. */
  const made = (first: string | number, run: (rows: number, values: Float32Array) => TensorValue) => {
    const spec = (name: string): TensorSpec => ({ name, dtype: 'float32', dims: [first, 1] })
    return {
      inputs: [spec('x')],
      outputs: [spec('y')],
      run: async ([x]: readonly TensorValue[]) => [
        run(x!.dims[0]!, new Float32Array(Uint8Array.from(x!.data as Uint8Array).buffer)),
      ],
    }
  }
  const y = (values: Float32Array, rows = values.length): TensorValue => ({
    name: 'y',
    dtype: 'float32',
    dims: [rows, values.length / rows],
    data: dataOf(values),
  })

  it('goes by the name of the dimension where no made-up input can be computed', async () => {
    const refuses = (): never => {
      throw inferenceFailed('an index is out of range')
    }
    expect(await probeBatching(made('batch_size', refuses), probe)).toMatchObject({ kind: 'free' })
    expect(await probeBatching(made('', refuses), probe)).toMatchObject({ kind: 'free' })
    expect(await probeBatching(made('tokens', refuses), probe)).toMatchObject({ kind: 'none' })
    expect(await probeBatching(made(4, refuses), probe)).toMatchObject({ kind: 'none' })
  })

  it('sees rows that vanish, move, or are no number', async () => {
    const pooled = made('n', (rows, values) => y(values.slice(0, 1), Math.min(rows, 1)))
    expect(await probeBatching(pooled, probe)).toMatchObject({ kind: 'none' })
    const turned = made('n', (_, values) => y(values.toReversed()))
    expect(await probeBatching(turned, probe)).toMatchObject({ kind: 'none' })
    const broken = made('n', (rows, values) => y(values.map((value) => (rows > 1 ? Number.NaN : value))))
    expect(await probeBatching(broken, probe)).toMatchObject({ kind: 'none' })
    const turnedOfFour = made(4, (_, values) => y(values.toReversed()))
    expect(await probeBatching(turnedOfFour, probe)).toMatchObject({ kind: 'none' })
  })
})
