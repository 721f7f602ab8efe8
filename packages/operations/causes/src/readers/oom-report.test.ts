import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kindOfOom, otherBytes, readOomReport, readOomReports } from './oom-report.ts'

const GiB = 1_024 ** 3
const MiB = 1_024 ** 2

const linesOf = (text: string) => text.split('\n').map((line) => ({ text: line, raw: line }))

describe('a report', () => {
  test('is read in the wording of PyTorch 2.1 and later', () => {
    const report = readOomReport(
      'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.55 GiB of which 1.65 GiB is free. Process 5906 has 293.38 MiB memory in use. Process 343080 has 9.54 MiB memory in use. Including non-PyTorch memory, this process has 21.22 GiB memory in use. 20.00 GiB allowed; Of the allocated memory 20.04 GiB is allocated by PyTorch, with 1.50 GiB allocated in private pools (e.g., CUDA Graphs), and 903.34 MiB is reserved by PyTorch but unallocated.',
    )
    expect(report).toEqual({
      gpu: '0',
      requested: 2 * GiB,
      total: Math.round(23.55 * GiB),
      free: Math.round(1.65 * GiB),
      inUse: Math.round(21.22 * GiB),
      allowed: 20 * GiB,
      allocated: Math.round(20.04 * GiB),
      privatePools: 1.5 * GiB,
      unallocated: Math.round(903.34 * MiB),
      others: [
        { pid: '5906', bytes: Math.round(293.38 * MiB) },
        { pid: '343080', bytes: Math.round(9.54 * MiB) },
      ],
    })
  })

  test('is read in the wording before it, where what CUDA itself takes is not counted', () => {
    const report = readOomReport(
      'CUDA out of memory. Tried to allocate 734.00 MiB (GPU 3; 10.76 GiB total capacity; 9.33 GiB already allocated; 56.94 MiB free; 9.42 GiB reserved in total by PyTorch)',
    )
    expect(report).toMatchObject({
      gpu: '3',
      requested: 734 * MiB,
      free: Math.round(56.94 * MiB),
      unallocated: Math.round(9.42 * GiB) - Math.round(9.33 * GiB),
    })
    expect(report && otherBytes(report)).toBeLessThan(0.3 * GiB)
  })

  test('is read with the spelling of PyTorch 2.0 and with bytes', () => {
    expect(
      readOomReport(
        'CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacty of 23.69 GiB of which 512 bytes is free.',
      ),
    ).toMatchObject({ total: Math.round(23.69 * GiB), free: 512 })
  })

  test('is found where a log breaks it into lines, and ends where another thing is said', () => {
    const [found, ...more] = readOomReports(
      linesOf(
        'step 1\nCUDA out of memory.\nTried to allocate 20.00 MiB.\nGPU 0 has a total capacity of 15.51 GiB of which 149.62 MiB is free.\nProcess 1839 has 322.23 MiB memory in use.\nIncluding non-PyTorch memory, this process has 11.65 GiB memory in use.\nOf the allocated memory 11.47 GiB is allocated by PyTorch,\nand 10.27 MiB is reserved by PyTorch but unallocated.\nexit',
      ),
    )
    expect(found).toMatchObject({ from: 1, to: 7, report: { unallocated: Math.round(10.27 * MiB) } })
    expect(more).toEqual([])
  })

  test('requires the requested amount of memory', () => {
    expect(readOomReport('CUDA out of memory.')).toBeUndefined()
    expect(readOomReports(linesOf('if you see CUDA out of memory, lower the batch'))).toEqual([])
  })

  test('is of one kind, whatever its sizes are', () => {
    const size = fc.nat({ max: 2 ** 40 })
    fc.assert(
      fc.property(
        fc.record(
          {
            requested: size,
            total: size,
            free: size,
            inUse: size,
            unallocated: size,
            privatePools: size,
            allowed: size,
          },
          { requiredKeys: ['requested'] },
        ),
        (sizes) => {
          const kind = kindOfOom({ ...sizes, others: [] })
          if (sizes.total !== undefined && sizes.requested > sizes.total) expect(kind).toBe('above_capacity')
          else if (sizes.free !== undefined && sizes.free >= sizes.requested) expect(kind).toBe('ample_free')
          else if (sizes.total === undefined) expect(kind).toBe('plain')
        },
      ),
    )
  })
})

describe('a kind', () => {
  const base = { requested: 2 * GiB, total: 24 * GiB, free: 1 * GiB, others: [] }

  test('is the largest of what would have sufficed', () => {
    expect(kindOfOom({ ...base, inUse: 22 * GiB })).toBe('plain')
    expect(kindOfOom({ ...base, inUse: 12 * GiB })).toBe('other_process')
    expect(kindOfOom({ ...base, inUse: 23 * GiB, unallocated: 6 * GiB })).toBe('fragmented')
    expect(kindOfOom({ ...base, inUse: 23 * GiB, privatePools: 7 * GiB, unallocated: 6 * GiB })).toBe(
      'private_pools',
    )
  })

  test('is plain where nothing of it would have sufficed, or a limit of its own was reached', () => {
    expect(kindOfOom({ ...base, requested: 8 * GiB, inUse: 19 * GiB, unallocated: 3 * GiB })).toBe('plain')
    expect(kindOfOom({ ...base, inUse: 9 * GiB, allowed: 10 * GiB })).toBe('plain')
  })
})
