import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gpusOf, openGpuReader } from '@hadal/probes'
import { afterAll, describe, expect, it } from 'vitest'
import { openLiveApi } from './live-api.ts'
import { processReading } from './read-process.ts'

const onPosix = it.skipIf(process.platform === 'win32')

const folder = mkdtempSync(join(tmpdir(), 'hadal-live-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const slo = {
  availability: 0.999,
  latencyMillis: 500,
  latencyShare: 0.99,
  ttftMillis: undefined,
  maxBacklog: 10,
  windowDays: 30,
}

describe('what a server says of its machine', () => {
  it('is what it promises now', () => {
    const service = { slo, sloTtftMillis: 200 as number | undefined, sloItlMillis: undefined }
    const api = openLiveApi(() => service)
    expect(api.slo()).toEqual({ e2eMillis: 500, ttftMillis: 200 })
    service.sloTtftMillis = undefined
    expect(api.slo()).toEqual({ e2eMillis: 500 })
  })

  it('reads processes whatever they are called', () => {
    const rest = Array.from({ length: 40 }, (_, at) => at).join(' ')
    const status = 'Name:\tx\nVmRSS:\t   2048 kB\n'
    expect(processReading(7, `7 (a) (b c) S ${rest.slice(2)}`, status)).toEqual({
      pid: 7,
      cpuMillis: (11 + 12) * 10,
      residentBytes: 2 * 1024 ** 2,
    })
    expect(processReading(7, 'nonsense', status)).toBeUndefined()
    expect(processReading(7, `7 (a) S ${rest}`, '')).toBeUndefined()
  })

  it('reads this process where there is /proc, and none that is gone', async () => {
    const api = openLiveApi(() => ({ slo, sloTtftMillis: undefined, sloItlMillis: undefined }))
    const { processes } = await api.readings([process.pid, 2 ** 22 + 1])
    expect(processes.length).toBe(process.platform === 'linux' ? 1 : 0)
  })
})

describe('what nvidia-smi says', () => {
  it('is read as far as it is known', () => {
    const text =
      '0, NVIDIA H100 80GB HBM3, 37, 1024, 81559, 41, 212.53\n1, Old, [N/A], [Not Supported], , 30, [N/A]\nFailed to initialize NVML\n'
    expect(gpusOf(text)).toEqual([
      {
        index: 0,
        name: 'NVIDIA H100 80GB HBM3',
        utilization: 0.37,
        memoryUsedBytes: 1024 ** 3,
        memoryTotalBytes: 81559 * 1024 ** 2,
        celsius: 41,
        watts: 212.53,
      },
      { index: 1, name: 'Old', celsius: 30 },
    ])
  })

  onPosix('is asked beside the answer, and on a machine without it there is none', async () => {
    const program = join(folder, 'smi')
    writeFileSync(program, '#!/bin/sh\necho "0, Test, 50, 1, 2, 3, 4"\n')
    chmodSync(program, 0o755)
    const reader = openGpuReader(program)
    expect(reader.now()).toEqual([])
    await expect.poll(() => reader.now()).toMatchObject([{ name: 'Test', utilization: 0.5 }])
    const absent = openGpuReader(join(folder, 'none'))
    expect(absent.now()).toEqual([])
  })
})
