import { gzipSync } from 'node:zlib'
import { readChromeTrace, type Trace, writeChromeTrace } from '@hadal/profiling'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawnTrace, span } from './drawn-traces.ts'

const json = (file: unknown): Trace => readChromeTrace(JSON.stringify(file))

describe('readChromeTrace', () => {
  it('reads back what writeChromeTrace wrote, plain and compressed', () => {
    fc.assert(
      fc.property(drawnTrace, fc.array(fc.string(), { maxLength: 2 }), ({ trace }, notes) => {
        const said: Trace = { ...trace, ...(notes.length > 0 && { notes }) }
        const bytes = writeChromeTrace(said)
        expect(readChromeTrace(bytes)).toEqual(said)
        expect(readChromeTrace(gzipSync(bytes))).toEqual(said)
      }),
      { numRuns: 60 },
    )
  })

  it('keeps arguments and memory, and adds a graph of memory for Perfetto', () => {
    const trace: Trace = {
      spans: [
        span('operator', 'aten::mm', 5, 10.125, { shapes: '[2,3] [3,4]', sequence: 7 }),
        span('memory', 'memory', 6, 0, { bytes: 64, total: 128, address: 4096 }),
      ],
      durationMicros: 20,
    }
    const bytes = writeChromeTrace(trace)
    expect(readChromeTrace(bytes)).toEqual(trace)
    const { traceEvents } = JSON.parse(Buffer.from(bytes).toString()) as { traceEvents: { ph: string }[] }
    expect(traceEvents.map(({ ph }) => ph)).toEqual(['M', 'X', 'i', 'C'])
  })

  it("puts PyTorch's names into its own", () => {
    const pid = 7
    const at = { pid, tid: 7, ph: 'X' }
    const { spans, durationMicros } = json({
      traceEvents: [
        { ph: 'M', name: 'thread_name', pid, tid: 7, args: { name: 'main' } },
        { ...at, cat: 'user_annotation', name: 'ProfilerStep#3', ts: 1000, dur: 90 },
        { ...at, cat: 'user_annotation', name: 'phase:forward', ts: 1001, dur: 40 },
        { ...at, cat: 'user_annotation', name: 'Optimizer.step#AdamW.step', ts: 1050, dur: 20 },
        { ...at, cat: 'user_annotation', name: 'mine', ts: 1075, dur: 5 },
        { ...at, cat: 'python_function', name: 'nn.Module: Linear_0', ts: 1002, dur: 30 },
        {
          ...at,
          cat: 'cpu_op',
          name: 'aten::mm',
          ts: 1003,
          dur: 20,
          args: {
            'Input Dims': [[2, 3], [3, 4], []],
            'Input type': ['float', 'c10::BFloat16', 'Scalar'],
            'Sequence number': 9,
            'Ev Idx': 4,
          },
        },
        {
          ...at,
          cat: 'cpu_op',
          name: 'autograd::engine::evaluate_function: torch::autograd::CppNode<a::(anonymous namespace)::SwiGlu>',
          ts: 1030,
          dur: 2,
        },
        {
          ...at,
          ph: 'i',
          cat: 'cpu_instant_event',
          name: '[memory]',
          ts: 1004,
          args: { Bytes: -16, Addr: 32, 'Total Allocated': 5 },
        },
        { ...at, ph: 's', cat: 'fwdbwd', name: 'fwdbwd', id: 1, ts: 1003 },
        {
          ph: 'X',
          cat: 'Trace',
          name: 'PyTorch Profiler (0)',
          pid: 'Spans',
          tid: 'PyTorch Profiler',
          ts: 900,
          dur: 500,
        },
      ],
    })
    expect(spans.map(({ category, name }) => `${category} ${name}`)).toEqual([
      'step step 3',
      'phase forward',
      'module Linear_0',
      'operator aten::mm',
      'memory memory',
      'operator autograd::engine::evaluate_function: SwiGluBackward',
      'phase optimizer',
      'range mine',
    ])
    expect(spans[0]).toMatchObject({ startMicros: 0, lane: 'main' })
    expect(spans[3]!.args).toEqual({ shapes: '[2,3] [3,4]', types: 'float c10::BFloat16', sequence: 9 })
    expect(spans[4]!.args).toEqual({ bytes: -16, address: 32, total: 5 })
    expect(durationMicros).toBe(90)
  })

  it('pairs begins and ends, and says what it left out', () => {
    const at = { pid: 1, tid: 1, cat: 'x' }
    const trace = json([
      { ...at, ph: 'E', ts: 0 },
      { ...at, ph: 'B', name: 'outer', ts: 1, args: { a: 1 } },
      { ...at, ph: 'B', name: 'inner', ts: 2 },
      { ...at, ph: 'E', ts: 4, args: { b: 2 } },
      { ...at, ph: 'E', ts: 9 },
      { ...at, ph: 'B', name: 'never', ts: 10 },
      { ...at, ph: 'b', name: 'async', ts: 3 },
      { ...at, ph: '?', name: 'what', ts: 3 },
      { ...at, ph: 'X', name: 'no time' },
      17,
      null,
    ])
    expect(trace.spans).toEqual([
      { name: 'outer', category: 'x', lane: 'thread 1', startMicros: 0, durationMicros: 8, args: { a: 1 } },
      { name: 'inner', category: 'x', lane: 'thread 1', startMicros: 1, durationMicros: 2, args: { b: 2 } },
    ])
    expect(trace.notes).toEqual([
      '1 ends without a start were left out',
      '1 asynchronous events were left out',
      '1 events of unknown kinds were left out',
      '1 events without a time were left out',
      '1 spans that never end were left out',
    ])
  })

  it('gives threads of several processes names that differ', () => {
    const { spans } = json([
      { ph: 'M', name: 'process_name', pid: 1, args: { name: 'node' } },
      { ph: 'X', name: 'a', pid: 1, tid: 1, ts: 0, dur: 1 },
      { ph: 'X', name: 'b', pid: 2, tid: 1, ts: 1, dur: 1 },
    ])
    expect(spans.map(({ lane }) => lane)).toEqual(['node thread 1', '2 thread 1'])
  })

  it.each([
    ['not JSON', '{"traceEvents": [', 'profile_trace_unreadable'],
    ['no object', '17', 'profile_trace_unreadable'],
    ['no events', '{"events": []}', 'profile_trace_unreadable'],
    ['a damaged archive', new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3]), 'profile_trace_unreadable'],
  ])('refuses %s', (_, data, code) => {
    expect(() => readChromeTrace(data)).toThrow(expect.objectContaining({ code }))
  })

  it('refuses what is larger than its limits', () => {
    const events = Array.from({ length: 20 }, (_, ts) => ({ ph: 'X', name: 'a', ts, dur: 1 }))
    const bytes = Buffer.from(JSON.stringify(events))
    const tooLarge = expect.objectContaining({ code: 'profile_trace_too_large' })
    expect(() => readChromeTrace(bytes, { maxSpans: 19 })).toThrow(tooLarge)
    expect(() => readChromeTrace(bytes, { maxBytes: 100 })).toThrow(tooLarge)
    expect(() => readChromeTrace(gzipSync(bytes), { maxBytes: 100 })).toThrow(tooLarge)
    expect(() => readChromeTrace(bytes.toString(), { maxBytes: 100 })).toThrow(tooLarge)
    expect(readChromeTrace(bytes, { maxSpans: 20 }).spans).toHaveLength(20)
  })

  it('reads any JSON, or refuses it with a code of its own', () => {
    const event = fc.record(
      {
        ph: fc.constantFrom('X', 'B', 'E', 'i', 'M', 's', 'C', 7, null),
        ts: fc.oneof(fc.double(), fc.constant('soon'), fc.constant(null)),
        dur: fc.oneof(fc.double(), fc.jsonValue()),
        name: fc.jsonValue(),
        cat: fc.oneof(fc.constantFrom('cpu_op', 'user_annotation', 'cpu_instant_event'), fc.jsonValue()),
        pid: fc.jsonValue(),
        tid: fc.jsonValue(),
        args: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    const file = fc.oneof(fc.jsonValue(), fc.array(fc.oneof(event, fc.jsonValue())))
    fc.assert(
      fc.property(file, fc.boolean(), fc.nat(), (value, wrapped, cut) => {
        const text = JSON.stringify(wrapped ? { traceEvents: value } : value)
        for (const each of [text, text.slice(0, cut % (text.length + 1))]) {
          let trace: Trace
          try {
            trace = readChromeTrace(each)
          } catch (thrown) {
            expect((thrown as { code?: string }).code).toMatch(/^profile_trace_/)
            continue
          }
          for (const { startMicros, durationMicros } of trace.spans) {
            expect(durationMicros).toBeGreaterThanOrEqual(0)
            expect(startMicros).toBeGreaterThanOrEqual(0)
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})
