import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { smallCatalogue } from '../../test/small-catalogue.ts'
import { explain } from './explain.ts'
import type { ExplainInput } from './explanation.ts'

const explained = (...inputs: readonly (string | ExplainInput)[]): ReturnType<typeof explain> =>
  explain(
    inputs.map((input, index) =>
      typeof input === 'string' ? { name: `${index + 1}.log`, text: input } : input,
    ),
    smallCatalogue,
    { now: Date.parse('2026-11-30T00:00:00Z') },
  )

describe('explain', () => {
  it('says the cause with its figures and place, and what it brought about', () => {
    const { cause, alsoSeen, read } = explained(
      '2026-11-29 14:02:01,000 INFO step 12\n2026-11-29 14:02:02,000 ERROR torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0\nBack-off restarting, CrashLoopBackOff\n',
    )
    expect(cause).toMatchObject({
      id: 'oom_sized',
      figures: { wanted: '2.00 GiB' },
      says: 'oom_sized {"wanted":"2.00 GiB"}',
      times: 1,
      firstAt: Date.parse('2026-11-29T14:02:02Z'),
    })
    expect(cause?.evidence).toEqual([
      { file: '1.log', line: 2, text: expect.stringContaining('Tried to allocate') },
    ])
    expect(alsoSeen.map(({ id, isConsequence }) => [id, isConsequence])).toEqual([['restarts', true]])
    expect(read).toEqual(['1.log: log, 3 lines; timestamps without a zone are read as UTC'])
  })

  it('puts several texts on one timeline', () => {
    const { cause, alsoSeen, timeline } = explained(
      {
        name: 'train.log',
        text: '2026-11-29T14:02:09.000Z RuntimeError: CUDA error: unspecified launch failure\n2026-11-29T14:12:09.000Z NCCL timeout\n',
      },
      {
        name: 'dmesg.txt',
        text: '[    1.500000] audit: type=2000 audit(1795960800.500:1): state=initialized\n[  122.000000] NVRM: Xid (PCI:0000:9b:00): 79, pid=7, GPU has fallen off the bus.\n',
      },
    )
    expect(cause?.id).toBe('xid')
    expect(alsoSeen.map(({ id, isConsequence }) => [id, isConsequence])).toEqual([
      ['cuda_failed', true],
      ['nccl', true],
    ])
    expect(
      timeline.map(({ at, file, line, causeId }) => [new Date(at!).toISOString(), file, line, causeId]),
    ).toEqual([
      ['2026-11-29T14:02:01.000Z', 'dmesg.txt', 2, 'xid'],
      ['2026-11-29T14:02:09.000Z', 'train.log', 1, 'cuda_failed'],
      ['2026-11-29T14:12:09.000Z', 'train.log', 2, 'nccl'],
    ])
  })

  it('takes what ended a run rather than what it survived hours before', () => {
    const calm = Array.from({ length: 300 }, (_, step) => `step ${step}`).join('\n')
    expect(explained(`NCCL error, trying again\n${calm}\nCUDA out of memory\n`).cause?.id).toBe('oom')
    expect(explained('NCCL error\nCUDA out of memory\n').cause?.id).toBe('nccl')
  })

  it.each([
    ['nothing', ''],
    ['success', 'epoch 3 done\nsaved\n'],
    ['only an end that could be anything', 'process ended with exit code 1'],
    ['help', '  --retries N  how often, after CUDA out of memory'],
    ['news', '2026-11-29 14:02:03 INFO engine-0 CrashLoopBackOff'],
    ['advice', 'If you see CUDA out of memory, take a smaller batch.'],
    [
      'a document',
      '# Trouble\n\nThe usual one is CUDA out of memory, which means too little of it.\nTake less then, says everybody who has tried it before.\n',
    ],
  ])('does not know where there is %s', (_, text) => {
    expect(explained(text).cause).toBeUndefined()
  })

  it('shows the lines that look like failures where it does not know', () => {
    const { cause, suspicious } = explained(
      'ok\nERROR: the flux capacitor failed (1)\nERROR: the flux capacitor failed (2)\n0 errors\n',
    )
    expect(cause).toBeUndefined()
    expect(suspicious).toEqual([{ file: '1.log', line: 3, text: 'ERROR: the flux capacitor failed (2)' }])
  })

  it('explains what is fenced in a document', () => {
    const text =
      '# It breaks\n\nThe training run that we had yesterday broke.\nAfter some time it said what stands here:\n```\nRuntimeError: CUDA out of memory\n```\n'
    expect(explained(text).cause).toMatchObject({ id: 'oom', evidence: [{ line: 6 }] })
  })

  it('does not take the source in a stack for what was said', () => {
    const stack =
      'Traceback (most recent call last):\n  File "/a/b.py", line 3, in f\n    fail("CUDA out of memory")\nNCCL error\n'
    expect(explained(stack).cause?.id).toBe('nccl')
  })

  it('gives several lines to what reads several', () => {
    const log = Array.from({ length: 5 }, (_, step) => `step=${step} grad_norm=${90 + step * 20}`).join('\n')
    expect(explained(log).cause).toMatchObject({
      id: 'norms_rise',
      figures: { times: '4' },
      evidence: [{ line: 2 }],
    })
  })

  it('counts what comes again and again, and shows some of it', () => {
    const { cause, timeline } = explained('CUDA out of memory\n'.repeat(5000))
    expect(cause).toMatchObject({ id: 'oom', times: 5000 })
    expect(cause?.evidence.map(({ line }) => line)).toEqual([1, 2, 3, 5000])
    expect(timeline).toHaveLength(1)
  })

  it('finds what stands far behind in a line without an end', () => {
    expect(explained(`${'x'.repeat(100_000)} CUDA out of memory`).cause?.id).toBe('oom')
  })

  it('reads events of kubectl as JSON, YAML and text alike', () => {
    const json = JSON.stringify(
      {
        apiVersion: 'v1',
        kind: 'List',
        items: [
          {
            kind: 'Event',
            type: 'Warning',
            reason: 'FailedScheduling',
            message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
            lastTimestamp: '2026-11-29T14:02:03Z',
            involvedObject: { kind: 'Pod', name: 'engine-0' },
            metadata: { uid: 'a-b-c' },
          },
        ],
      },
      null,
      2,
    )
    const yaml =
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Event\n  type: Warning\n  reason: FailedScheduling\n  message: >-\n    0/3 nodes are available:\n    3 Insufficient nvidia.com/gpu.\n  lastTimestamp: "2026-11-29T14:02:03Z"\n  involvedObject: {kind: Pod, name: engine-0}\n'
    const text =
      'LAST SEEN   TYPE      REASON             OBJECT         MESSAGE\n57s         Warning   FailedScheduling   pod/engine-0   0/3 nodes are available: 3 Insufficient nvidia.com/gpu.\n'
    const at = Date.parse('2026-11-29T14:02:03Z')
    expect(explained(json).cause).toMatchObject({ id: 'unschedulable', firstAt: at })
    expect(explained(yaml).cause).toMatchObject({ id: 'unschedulable', firstAt: at })
    expect(explained({ name: 'e', text, takenAt: at + 57_000 }).cause).toMatchObject({
      id: 'unschedulable',
      firstAt: at,
    })
  })

  // In quadratic time each of these would take minutes.
  it.each([
    'a',
    ' ',
    '\n',
    '\r',
    '"',
    '\\"',
    '(',
    '[0',
    '2026-11-29 ',
    'level=a',
    'kind: Pod\napiVersion:\n\n',
    'Nov 29 14:02:03 h kernel: ',
    '\u001b[',
    'CUDA out of memory ',
    '\ufffd\u0000',
  ])('takes 100 kilobytes of %j in a moment', (piece) => {
    const text = piece.repeat(Math.ceil(100_000 / piece.length))
    expect(explained(text).read).toHaveLength(1)
    expect(explained(`level=info kind: Pod ${text}`).read).toHaveLength(1)
  })

  it('never throws and keeps to the texts, whatever they are', () => {
    const word = fc.constantFrom(
      '\n',
      '\r\n',
      '\r',
      ' ',
      'CUDA out of memory',
      'NVRM: Xid (PCI:0000:9b:00): 79',
      '[  12.345678] ',
      '2026-11-29T14:02:03Z ',
      'Nov 31 25:02:03 h kernel: ',
      '{"msg":"',
      '"}',
      'kind: List\nitems:\n',
      '{"kind":"List","items":[',
      ']}',
      '\u001b[31m',
      '\u0000',
      '```',
      '# Title',
      'E1129 14:02:03.123456 1 a.go:1] ',
      'grad_norm=500',
      'CrashLoopBackOff',
      '&a [*a]',
      '\ud800',
      'x'.repeat(5000),
      '  File "a", line 1',
    )
    const text = fc
      .array(fc.oneof(word, fc.string({ unit: 'binary', maxLength: 10 })), { maxLength: 40 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (texts) => {
        const result = explained(...texts)
        const all = [...(result.cause === undefined ? [] : [result.cause]), ...result.alsoSeen]
        for (const { evidence, times } of all) {
          expect(times).toBeGreaterThan(0)
          for (const { file, line } of evidence) {
            const lines = texts[Number.parseInt(file, 10) - 1]!.split(/\n|\r/).length
            expect(line).toBeGreaterThan(0)
            expect(line).toBeLessThanOrEqual(lines)
          }
        }
        expect(JSON.parse(JSON.stringify(result))).toEqual(result)
      }),
      { numRuns: 100 },
    )
  })
})
