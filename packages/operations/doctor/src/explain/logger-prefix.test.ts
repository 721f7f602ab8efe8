import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { takePrefixes } from './logger-prefix.ts'

const at = (text: string): number => Date.parse(text)

describe('takePrefixes', () => {
  it.each([
    ['2026-11-29T14:02:03.123Z boom', 'boom', 'zoned', at('2026-11-29T14:02:03.123Z')],
    ['2026-11-29T15:02:03+01:00 boom', 'boom', 'zoned', at('2026-11-29T14:02:03Z')],
    [
      '2026-11-29 14:02:03,123 - engine - ERROR - boom',
      'engine - ERROR - boom',
      'zoneless',
      at('2026-11-29T14:02:03.123Z'),
    ],
    ['2026-11-29 14:02:03,123 ERROR boom', 'boom', 'zoneless', at('2026-11-29T14:02:03.123Z')],
    ['[2026-11-29 14:02:03] boom', 'boom', 'zoneless', at('2026-11-29T14:02:03Z')],
    ['2026/11/29 14:02:03 [error] boom', '[error] boom', 'zoneless', at('2026-11-29T14:02:03Z')],
    ['2026-11-29T14:02:03.123456789Z stderr F boom', 'boom', 'zoned', at('2026-11-29T14:02:03.123Z')],
    ['Nov 29 14:02:03 gpu-7 kernel: NVRM: boom', 'NVRM: boom', 'yearless', at('2000-11-29T14:02:03Z')],
    ['Nov  9 14:02:03 gpu-7 python3[123]: boom', 'boom', 'yearless', at('2000-11-09T14:02:03Z')],
    ['2026-11-29T14:02:03+0000 gpu-7 kernel: boom', 'boom', 'zoned', at('2026-11-29T14:02:03Z')],
    ['[ 1234.567890] boom', 'boom', 'uptime', 1_234_568],
    ['<3>[    4.500000] boom', 'boom', 'uptime', 4500],
    ['kern  :err   : [ 1234.567890] boom', 'boom', 'uptime', 1_234_568],
    ['[ 1234.567890] [ T1234] boom', 'boom', 'uptime', 1_234_568],
    ['[1795960923.500000] boom', 'boom', 'zoned', 1_795_960_923_500],
    ['[Sun Nov 29 14:02:03 2026] boom', 'boom', 'zoneless', at('2026-11-29T14:02:03Z')],
    [
      'E1129 14:02:03.123456   12345 pod_workers.go:1301] boom',
      'boom',
      'yearless',
      at('2000-11-29T14:02:03.123Z'),
    ],
    [
      '[rank0]:[E1129 14:02:03.123456789 ProcessGroupNCCL.cpp:607] boom',
      'boom',
      'yearless',
      at('2000-11-29T14:02:03.123Z'),
    ],
    [
      '[rank0]:[E208 03:54:02.163210120 ProcessGroupNCCL.cpp:616] boom',
      'boom',
      'yearless',
      at('2000-02-08T03:54:02.163Z'),
    ],
    [
      '(EngineCore_0 pid=123) ERROR 11-29 14:02:03 [core.py:345] boom',
      'boom',
      'yearless',
      at('2000-11-29T14:02:03Z'),
    ],
    ['[pod/a-1/engine] 2026-11-29T14:02:03Z boom', 'boom', 'zoned', at('2026-11-29T14:02:03Z')],
    ['vllm-1  | 2026-11-29T14:02:03Z boom', 'boom', 'zoned', at('2026-11-29T14:02:03Z')],
    [
      '2026-11-29T14:02:03Z stderr F Nov 29 14:02:02 h kernel: [ 12.000000] boom',
      'boom',
      'zoned',
      at('2026-11-29T14:02:03Z'),
    ],
  ] as const)('%s', (line, text, clock, millis) => {
    expect(takePrefixes(line)).toMatchObject({ text, stamp: { clock, millis } })
  })

  it.each([
    'boom',
    '[rank 0] boom',
    'ERROR boom',
    '| GPU  Name | boom |',
    '2026-13-29 14:02:03 boom',
    '[12] boom',
    '',
    'Exit Code: 137',
  ])('leaves %j as it is', (line) => {
    expect(takePrefixes(line)).toEqual({ text: line, stamp: undefined, isKernel: false })
  })

  it('knows lines of the kernel', () => {
    expect(takePrefixes('[  +0.000316] x')).toEqual({ text: 'x', stamp: undefined, isKernel: true })
    expect(takePrefixes('[Nov29 14:02] x')).toEqual({ text: 'x', stamp: undefined, isKernel: true })
    expect(takePrefixes('Nov 29 14:02:03 h kernel: x').isKernel).toBe(true)
    expect(takePrefixes('[    1.000000] x').isKernel).toBe(true)
    expect(takePrefixes('Nov 29 14:02:03 h sshd[1]: x').isKernel).toBe(false)
  })

  it('takes off beginnings and nothing else, of any line', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 200, unit: fc.constantFrom(...'[]()<>0123456789-:. TZ|EeNovkernl=pid/') }),
        (line) => {
          expect(line.endsWith(takePrefixes(line).text)).toBe(true)
        },
      ),
    )
  })
})
