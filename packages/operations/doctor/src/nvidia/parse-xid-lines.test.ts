import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseXidLines, shortBus } from './parse-xid-lines.ts'

/** What tables and logs are made of, and what they are not. */
const character: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...'\n\r\t \u0000\u001B\uFEFF\uD800é°",;:[]()=0'.split('')),
  fc.string({ minLength: 1, maxLength: 1 }),
)

describe('parseXidLines', () => {
  it('reads place, number, process and what the driver says', () => {
    const [line] = parseXidLines(
      '[12345.678901] NVRM: Xid (PCI:0000:9b:00): 119, pid=2024380, name=python3, Timeout after 6s of waiting for RPC response from GPU3 GSP!',
    )
    expect(line).toMatchObject({
      xid: 119,
      bus: '0000:9b:00',
      pid: 2024380,
      process: 'python3',
      message: 'Timeout after 6s of waiting for RPC response from GPU3 GSP!',
      uptimeSeconds: 12345.678901,
      line: 1,
    })
  })

  it.each([
    [
      "NVRM: Xid (PCI:0000:9b:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.",
      79,
      undefined,
      'GPU has fallen off the bus.',
    ],
    ['NVRM: Xid (0000:03:00): 43, Ch 00000010', 43, undefined, 'Ch 00000010'],
    [
      "NVRM: Xid (PCI:0000:9b:00): 31, pid='8841', name=vllm, Ch 0000000b, MMU Fault",
      31,
      8841,
      'Ch 0000000b, MMU Fault',
    ],
    ['NVRM: Xid (PCI:0000:9b:00.0): 48, DBE', 48, undefined, 'DBE'],
    ['NVRM: Xid (PCI:0009:01:00): 62, 2c', 62, undefined, '2c'],
  ])('%s', (text, xid, pid, message) => {
    expect(parseXidLines(text)).toMatchObject([{ xid, pid, message }])
  })

  it('reads times of the journal, of ISO 8601 and of dmesg with priorities', () => {
    const issue = 'kernel: NVRM: Xid (PCI:0000:9b:00): 79, x'
    expect(parseXidLines(`1741089000.500000 host ${issue}`)[0]?.at).toBe(1741089000500)
    expect(parseXidLines(`2025-03-04T11:50:00+0000 host ${issue}`)[0]?.at).toBe(Date.UTC(2025, 2, 4, 11, 50))
    expect(parseXidLines(`2025-03-04T11:50:00,123456+01:00 host ${issue}`)[0]?.at).toBe(
      Date.UTC(2025, 2, 4, 10, 50) + 123,
    )
    expect(parseXidLines(`<4>[    5.5] ${issue}`)[0]?.uptimeSeconds).toBe(5.5)
  })

  it('counts lines, with any ends', () => {
    const text = 'a\r\nNVRM: Xid (PCI:0000:9b:00): 13, x\rb\nNVRM: Xid (PCI:0000:9b:00): 43, y\n'
    expect(parseXidLines(text).map(({ line, xid }) => [line, xid])).toEqual([
      [2, 13],
      [4, 43],
    ])
  })

  it.each([
    'NVRM: loading NVIDIA UNIX x86_64 Kernel Module',
    'NVRM: A GPU crash dump has been created. Xid',
    'see Xid 79 in the documentation',
    'NVRM: Xid (PCI:0000:9b:00): , x',
    '',
  ])('%j is none', (text) => expect(parseXidLines(text)).toEqual([]))

  it('reads any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: character }), (text) => {
        for (const { xid, line } of parseXidLines(`NVRM: Xid (PCI:0000:9b:00): ${text}`)) {
          expect(Number.isInteger(xid)).toBe(true)
          expect(line).toBe(1)
        }
      }),
    )
  })
})

it('places of nvidia-smi and of the kernel are compared', () => {
  expect(shortBus('00000000:9B:00.0')).toBe('0000:9b:00')
  expect(shortBus('0000:9b:00')).toBe('0000:9b:00')
  expect(shortBus('00000009:01:00.0')).toBe('0009:01:00')
})
