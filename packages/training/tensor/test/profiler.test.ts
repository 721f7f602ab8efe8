import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  grad,
  isProfiling,
  markStep,
  memory,
  type ProfilerOptions,
  recordRange,
  rmsNorm16,
  scope,
  setMemoryLimit,
  setNumThreads,
  startProfiler,
  stopProfiler,
  swiGlu16,
  takePeakMemory,
  torch,
} from '@hadal/tensor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Event {
  readonly ph: string
  readonly cat?: string
  readonly name: string
  readonly ts: number
  readonly dur: number
  readonly args: Readonly<Record<string, unknown>>
}

let folder: string
beforeAll(() => {
  setNumThreads(1)
  folder = mkdtempSync(join(tmpdir(), 'hadal-profiler-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function profiled(body: () => void, options?: ProfilerOptions): Event[] {
  const path = join(folder, 'trace.json')
  startProfiler(options)
  try {
    body()
  } finally {
    stopProfiler(path)
  }
  return (JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: Event[] }).traceEvents
}

const within = (inner: Event, outer: Event): boolean =>
  inner.ts >= outer.ts && inner.ts + inner.dur <= outer.ts + outer.dur

describe('the profiler', () => {
  it('records operators in the ranges and steps they ran in', () => {
    const weight = torch.randn([8, 8]).requiresGrad_(true)
    const events = profiled(() => {
      for (const step of [4, 5]) {
        markStep(step)
        scope(() => {
          const y = recordRange('phase:forward', () => torch.randn([2, 8]).matmul(weight).sum())
          recordRange('phase:backward', () => grad(y, [weight]))
        })
      }
      markStep(undefined)
    })
    const named = (name: string): Event[] => events.filter((event) => event.name === name && event.ph === 'X')
    const [first, second] = [named('ProfilerStep#4')[0]!, named('ProfilerStep#5')[0]!]
    expect(first.ts + first.dur).toBeLessThanOrEqual(second.ts)
    const forward = named('phase:forward')
    expect(forward.map((each) => [first, second].findIndex((step) => within(each, step)))).toEqual([0, 1])
    const products = named('aten::matmul')
    expect(products).toHaveLength(2)
    expect(products.every((each, i) => within(each, forward[i]!))).toBe(true)
    expect(products[0]!.args['Input Dims']).toEqual([
      [2, 8],
      [8, 8],
    ])
    expect(named('MmBackward0').every((each, i) => within(each, named('phase:backward')[i]!))).toBe(true)
  })

  it('sees operators that are compiled into the addon, with the number that leads back to them', () => {
    const gate = torch.randn([4, 16], { dtype: 'bfloat16' }).requiresGrad_(true)
    const weight = torch.ones([16], { dtype: 'bfloat16' })
    const events = profiled(() => {
      const y = swiGlu16(rmsNorm16(gate, weight, 1e-5), gate).sum()
      grad(y, [gate])
    })
    const sequence = (part: string): unknown =>
      events.find(({ name, ph }) => ph === 'X' && name.includes(part))?.args['Sequence number']
    const numbers = ['hadal::swiglu', 'hadal::rms_norm'].map(sequence)
    expect(numbers.every((each) => Number(each) >= 0)).toBe(true)
    const back = (of: string): unknown =>
      events.find(({ name }) => name.startsWith('autograd::engine') && name.includes(of))?.args[
        'Sequence number'
      ]
    expect(numbers).toEqual([back('SwiGlu'), back('RmsNorm')])
  })

  it('counts memory again afterwards, as if it had not been on', () => {
    const before = memory().currentBytes
    takePeakMemory()
    let kept = torch.zeros([1000])
    const events = profiled(
      () => {
        scope(() => void torch.zeros([50_000]))
        kept.free()
        kept = torch.zeros([3000])
      },
      { memory: true },
    )
    expect(memory().currentBytes).toBe(before + 12_000)
    expect(takePeakMemory()).toBe(before + 4000 + 200_000)
    expect(events.filter(({ name }) => name === '[memory]').map(({ args }) => args.Bytes)).toContain(200_000)
    kept.free()
    expect(memory().currentBytes).toBe(before)
  })

  it('is refused where it is on, or off, or a limit holds, and where its file cannot be written', () => {
    startProfiler()
    expect(isProfiling()).toBe(true)
    expect(() => startProfiler()).toThrow(expect.objectContaining({ code: 'tensor_profiler_refused' }))
    const nowhere = join(folder, 'nowhere', 'trace.json')
    expect(() => stopProfiler(nowhere)).toThrow(expect.objectContaining({ code: 'tensor_profiler_refused' }))
    expect(isProfiling()).toBe(false)
    expect(() => stopProfiler(nowhere)).toThrow(/it is not on/)
    const before = setMemoryLimit(1e9)
    try {
      expect(() => startProfiler()).toThrow(/memory limit/)
      expect(isProfiling()).toBe(false)
      expect(() => torch.zeros([1e9])).toThrow(expect.objectContaining({ code: 'tensor_out_of_memory' }))
    } finally {
      setMemoryLimit(before)
    }
  })
})

describe('recordRange', () => {
  it('gives what its body gives, and asks for no name without a profiler', async () => {
    const unasked = (): string => {
      throw new Error('asked for a name')
    }
    expect(recordRange(unasked, () => 3)).toBe(3)
    expect(await recordRange(unasked, async () => 4)).toBe(4)
    expect(() =>
      recordRange('a', () => {
        throw new Error('the body')
      }),
    ).toThrow('the body')
  })

  it('ends with the promise that its body returns, and also where that fails', async () => {
    const path = join(folder, 'async.json')
    startProfiler()
    await recordRange('waits', async () => {
      await new Promise(setImmediate)
      torch.zeros([7]).free()
    })
    await expect(recordRange('fails', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    torch.ones([7]).free()
    stopProfiler(path)
    const { traceEvents } = JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: Event[] }
    const [waits, fails, zeros, ones] = ['waits', 'fails', 'aten::zeros', 'aten::ones'].map(
      (name) => traceEvents.find((event) => event.name === name)!,
    )
    expect(within(zeros!, waits!)).toBe(true)
    expect(fails!.ts + fails!.dur).toBeLessThanOrEqual(ones!.ts)
  })
})
