import { type Span, summarizeTrace, traceOf } from '@hadal/profiling'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawnTrace, span } from './drawn-traces.ts'

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)

/** Two steps of 100: forward 40 with a product of 30, backward 50 with one of 35, data 5 of waiting. */
const twoSteps = (): Span[] =>
  [0, 100].flatMap((at, step) => [
    span('step', `step ${step + 1}`, at, 100),
    span('phase', 'data', at, 5),
    span('wait', 'data', at + 1, 4),
    span('phase', 'forward', at + 5, 40),
    span('module', `layers.${step}.mlp`, at + 6, 38),
    span('operator', 'aten::linear', at + 7, 32, { sequence: 5 + step }),
    span('operator', 'aten::mm', at + 8, 30, { shapes: '[4,4] [4,4]', sequence: 5 + step }),
    span('phase', 'backward', at + 46, 50),
    span('operator', 'autograd::engine::evaluate_function: MmBackward0', at + 48, 40, {
      sequence: 5 + step,
      forwardThread: 1,
    }),
    span('operator', 'MmBackward0', at + 49, 38, { sequence: 5 + step, forwardThread: 1 }),
    span('operator', 'aten::mm', at + 50, 35),
  ])

describe('summarizeTrace', () => {
  it('reports steps, phases, operators, model parts and the time outside', () => {
    const summary = summarizeTrace(traceOf([...twoSteps(), span('operator', 'aten::mm', 300, 50)]))
    expect(summary).toMatchObject({
      counts: 'steps',
      totalMicros: 200,
      waiting: { micros: 8, share: 0.04, byName: { data: 8 } },
      recomputedMicros: 0,
      deviceMicros: undefined,
      memory: undefined,
    })
    expect(summary.steps).toEqual([
      {
        name: 'step 1',
        startMicros: 0,
        durationMicros: 100,
        nativeMicros: 72,
        waitMicros: 4,
        phases: { data: 5, forward: 40, backward: 50 },
      },
      expect.objectContaining({ name: 'step 2', startMicros: 100, nativeMicros: 72 }),
    ])
    expect(summary.phases.map(({ name, micros, nativeMicros }) => [name, micros, nativeMicros])).toEqual([
      ['backward', 100, 80],
      ['forward', 80, 64],
      ['data', 10, 0],
    ])
    const [product] = summary.operators
    expect(product).toMatchObject({
      name: 'aten::mm',
      count: 4,
      selfMicros: 130,
      totalMicros: 130,
      share: 0.65,
      shapes: [{ shapes: '[4,4] [4,4]', count: 2, selfMicros: 60 }],
    })
    // Backward times are attributed by sequence number to the forward module.
    expect(summary.modules).toEqual([
      {
        name: 'layers.*.mlp',
        forwardMicros: 64,
        backwardMicros: 80,
        share: 0.72,
        most: 'aten::mm',
      },
    ])
    // 200 less what is native and what waits.
    expect(summary.outside.micros).toBe(200 - 144 - 8)
    expect(summary.outside.byPhase).toEqual({ data: 2, forward: 16, backward: 20, '': 10 })
    expect(summary.outside.longest[0]).toMatchObject({
      micros: 12,
      after: 'autograd::engine',
      phase: 'backward',
    })
  })

  it('counts all of a trace that has no steps', () => {
    const summary = summarizeTrace(
      traceOf([
        span('operator', 'a', 0, 10),
        span('operator', 'a', 30, 10),
        span('kernel', 'k', 5, 20, {}, 'gpu'),
      ]),
    )
    expect(summary).toMatchObject({ counts: 'trace', totalMicros: 40, deviceMicros: 20 })
    expect(summary.outside).toMatchObject({ micros: 20, gaps: 1, share: 0.5 })
  })

  it('is empty for an empty trace', () => {
    expect(summarizeTrace({ spans: [], durationMicros: 0 })).toMatchObject({
      totalMicros: 0,
      steps: [],
      operators: [],
      outside: { micros: 0, share: 0 },
    })
  })

  it('counts each copy once, with what kind it is and where', () => {
    const { copies } = summarizeTrace(
      traceOf([
        span('step', 'step 1', 0, 100),
        span('module', 'layers.0.attention', 0, 60),
        span('operator', 'aten::contiguous', 1, 20),
        span('operator', 'aten::clone', 2, 18),
        span('operator', 'aten::copy_', 3, 16, { types: 'float float' }),
        span('operator', 'aten::to', 30, 12),
        span('operator', 'aten::_to_copy', 31, 10),
        span('operator', 'aten::copy_', 32, 8, { types: 'float c10::BFloat16' }),
        span('operator', 'aten::copy_', 70, 5, { types: 'c10::BFloat16 float' }),
      ]),
    )
    expect(copies).toMatchObject({ layoutMicros: 20, conversionMicros: 15, count: 3 })
    expect(copies.places).toEqual([
      { kind: 'layout', module: 'layers.*.attention', operator: 'aten::contiguous', micros: 20, count: 1 },
      { kind: 'conversion', module: 'layers.*.attention', operator: 'aten::_to_copy', micros: 10, count: 1 },
      { kind: 'conversion', module: '', operator: 'aten::copy_', micros: 5, count: 1 },
    ])
  })

  it('says who held memory at the peak', () => {
    const event = (at: number, bytes: number, address: number): Span =>
      span('memory', 'memory', at, 0, { bytes, address })
    const { memory } = summarizeTrace(
      traceOf([
        span('module', 'layers.3.mlp', 0, 50),
        span('operator', 'aten::mm', 1, 20),
        event(2, 100, 1),
        event(3, 50, 2),
        event(4, -50, 2),
        span('operator', 'aten::add', 30, 10),
        event(31, 80, 3),
        event(60, -100, 1),
        event(61, 30, 9),
      ]),
    )
    expect(memory).toEqual({
      peakBytes: 180,
      peakMicros: 31,
      allocations: 4,
      allocatedBytes: 260,
      heldAtPeak: [
        { module: 'layers.*.mlp', operator: 'aten::mm', bytes: 100 },
        { module: 'layers.*.mlp', operator: 'aten::add', bytes: 80 },
      ],
    })
  })

  it('knows kernels by the operator that started them, and what is computed again', () => {
    const summary = summarizeTrace(
      traceOf([
        span('step', 'step 1', 0, 100),
        span('module', 'head', 0, 40),
        span('operator', 'aten::mm', 1, 10, { external: 77 }),
        span('kernel', 'gemm', 20, 60, { external: 77 }, 'stream 7'),
        span('range', 'recompute', 50, 30),
      ]),
    )
    expect(summary.modules[0]).toMatchObject({ name: 'head', forwardMicros: 70, most: 'gemm' })
    expect(summary).toMatchObject({ deviceMicros: 60, recomputedMicros: 30 })
  })

  it('gives out no more time than there is', () => {
    fc.assert(
      fc.property(drawnTrace, ({ trace }) => {
        const { totalMicros, outside, operators, phases, steps } = summarizeTrace(trace)
        expect(outside.micros).toBeLessThanOrEqual(totalMicros + 1e-6)
        expect(sum(steps.map(({ durationMicros }) => durationMicros))).toBeLessThanOrEqual(
          steps.length > 0 ? totalMicros : 0,
        )
        for (const { selfMicros, totalMicros: whole, count } of operators) {
          expect(selfMicros).toBeGreaterThanOrEqual(0)
          expect(selfMicros).toBeLessThanOrEqual(whole + 1e-6)
          expect(count).toBeGreaterThan(0)
        }
        for (const { nativeMicros, micros } of phases) expect(nativeMicros).toBeLessThanOrEqual(micros + 1e-6)
      }),
    )
  })
})
