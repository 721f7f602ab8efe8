/**
 * The output of `hadal op new` works: compiled, tested and benchmarked as a user would. The CUDA side is only compiled; running it needs a
 * GPU.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OpJob, opArguments, opNames } from '@hadal/launch'
import { benchText, checkText } from '@hadal/launch/operators'
import { createStyle } from '@hadal/output'
import type { BenchReport, CheckReport } from '@hadal/tensor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

// Compilation is slow under load.
const folder = mkdtempSync(join(tmpdir(), 'hadal-op-'))
afterAll(() => rmSync(folder, { recursive: true }))
// Compilation cache shared by all tests.
const cacheHome = join(fileURLToPath(new URL('../../../../training/tensor/build', import.meta.url)), 'cache')

async function op(...args: string[]) {
  const terminal = recordingTerminal({ folder })
  const code = await main(['op', ...args], terminal)
  return { code, printed: terminal.printed.join('\n'), noted: terminal.noted.join('\n') }
}

/** Runs the command's process here and captures its output. */
const inProcess = (job: OpJob, given: string): { status: number | null; printed: string; noted: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, opArguments(job, given, folder), {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: cacheHome, NO_COLOR: '1', OMP_NUM_THREADS: '1' },
  })
  return { status, printed: stdout, noted: stderr }
}
const test = { kind: 'test', seed: 1, json: false } as const

beforeAll(async () => {
  await op('new', 'my::vectorAdd')
})

describe('hadal op new', () => {
  it('writes a folder once, and says what to do next', async () => {
    expect(readdirSync(join(folder, 'vector-add')).sort()).toEqual(
      ['README.md', 'op.ts', 'vector-add-cuda.cc', 'vector-add.cc', 'vector-add.cu'].sort(),
    )
    const again = await op('new', 'my::vectorAdd')
    expect([again.code, again.noted]).toEqual([1, expect.stringContaining('op_folder_taken')])
    const other = await op('new', 'scale', '--folder', 'elsewhere')
    expect(other.printed).toContain('my::scale in elsewhere')
    expect(other.printed).toContain('Next: hadal op test elsewhere')
    expect(readFileSync(join(folder, 'elsewhere', 'scale.cc'), 'utf8')).toContain('at::Tensor scale_cpu(')
  })

  it('takes names as people write them', () => {
    expect(opNames('vector-add')).toEqual({ full: 'my::vector_add', base: 'vector_add', file: 'vector-add' })
    expect(opNames('a::RMSNorm2d')?.base).toBe('rmsnorm2d')
    for (const bad of ['', '::x', '2x', 'a::b::c', '../x', 'a b']) expect(opNames(bad)).toBeUndefined()
  })

  it('refuses other names, and folders without an operator', async () => {
    expect((await op('new', '../evil')).code).toBe(2)
    writeFileSync(join(folder, 'a-file'), '')
    for (const where of ['a-file', 'a-file/within'])
      expect((await op('new', 'scale', '--folder', where)).noted).toContain(`op_folder_taken]: ${where}: E`)
    mkdirSync(join(folder, 'empty'))
    const missing = await op('test', 'empty')
    expect([missing.code, missing.noted]).toEqual([
      1,
      expect.stringContaining('op_folder_invalid]: empty: it contains no op.ts'),
    ])
    writeFileSync(join(folder, 'empty', 'op.ts'), 'export default { reference: 1 }\n')
    const halved = inProcess(test, 'empty')
    expect([halved.status, halved.noted]).toEqual([
      1,
      expect.stringContaining('has no definition, no arguments'),
    ])
  })
})

describe('what it writes', () => {
  it('passes hadal op test; the kernel of CUDA is compiled where nvcc is, and needs a GPU to run', () => {
    const { status, printed, noted } = inProcess(test, 'vector-add')
    expect([status, noted.replace(/^npm warn.*$/gm, '').trim()]).toEqual([0, ''])
    expect(printed).toMatch(/passed\s+values, cpu, float32/)
    expect(printed).toMatch(/passed\s+gradients by differences, cpu, float64/)
    expect(printed).toMatch(/passed\s+shapes, on the device meta/)
    const hasNvcc = spawnSync('nvcc', ['--version']).status === 0
    expect(printed).toMatch(
      hasNvcc
        ? /passed\s+kernel of CUDA, compiled\s+sm_75, sm_80, sm_86, sm_89, sm_90/
        : /skipped\s+kernel of CUDA, compiled/,
    )
    expect(printed).toMatch(/(skipped\s+kernel of CUDA, run\s+needs a GPU|values, cuda)/)
  })

  it('is benchmarked by hadal op bench, which reports every round as JSON', () => {
    const { printed } = inProcess({ kind: 'bench', rounds: 2, threads: 1, json: true }, 'vector-add')
    const { name, lines } = JSON.parse(printed) as BenchReport
    expect(name).toBe('my::vector_add')
    expect(lines.map(({ direction }) => direction)).toEqual([
      'forward',
      'forward and back',
      'forward',
      'forward and back',
    ])
    for (const { rounds, opMicros, bytes } of lines) {
      expect(rounds).toHaveLength(2)
      expect(rounds.flat().every((micros) => micros > 0) && opMicros > 0).toBe(true)
      expect(bytes % (3 * 4)).toBe(0)
    }
  })

  // libtorch's CUDA headers lack one generated by its build, and there is no library, so it is compiled but not linked.
  const cuda = '/usr/local/cuda/include'
  const headers = '/usr/include/c10/cuda/CUDAStream.h'
  it.skipIf(!existsSync(join(cuda, 'cuda_runtime_api.h')) || !existsSync(headers))(
    'compiles what starts the kernel against libtorch’s headers of CUDA',
    () => {
      const made = join(folder, 'headers', 'c10', 'cuda', 'impl')
      mkdirSync(made, { recursive: true })
      writeFileSync(join(made, 'cuda_cmake_macros.h'), '#define C10_CUDA_BUILD_SHARED_LIBS\n')
      const launcher = join(folder, 'vector-add', 'vector-add-cuda.cc')
      const include = [join(folder, 'headers'), '/usr/include/torch/csrc/api/include', cuda]
      const { status, stderr } = spawnSync(
        'g++',
        [
          '-std=c++17',
          '-fsyntax-only',
          ...include.flatMap((each) => ['-isystem', each]),
          '-include',
          'ATen/core/Tensor.h',
          launcher,
        ],
        { encoding: 'utf8' },
      )
      expect([status, stderr]).toEqual([0, ''])
    },
  )

  it('that is wrong fails, with the compiler’s line or the first case', () => {
    const source = join(folder, 'elsewhere', 'scale.cc')
    const right = readFileSync(source, 'utf8')
    writeFileSync(source, right.replace('left[i] + factor', 'lift[i] + factor'))
    const { status, noted } = inProcess(test, 'elsewhere')
    expect(status).toBe(1)
    expect(noted).toContain('op_compile_failed')
    expect(noted).toMatch(/scale\.cc:19:\d+: error: 'lift' was not declared/)
  })
})

describe('the table', () => {
  const style = createStyle(false)

  it('of a test says what failed, and where', () => {
    const report: CheckReport = {
      name: 'my::op',
      build: 'from the cache',
      lines: [
        {
          what: 'values, cpu, float32',
          outcome: 'failed',
          detail: 'float32[3], strided: off by 1.0e+0, allowed 1.0e-5',
        },
        { what: 'kernel of CUDA, run', outcome: 'skipped', detail: 'needs a GPU' },
      ],
    }
    expect(checkText(report, style)).toBe(
      [
        'my::op  from the cache',
        '',
        '  failed   values, cpu, float32  float32[3], strided: off by 1.0e+0, allowed 1.0e-5',
        '  skipped  kernel of CUDA, run   needs a GPU',
        '',
        '1 of 2 checks failed',
      ].join('\n'),
    )
  })

  it('of a bench has medians, how many times faster, and bytes a second', () => {
    const line = {
      shape: [64, 256],
      dtype: 'float32',
      opMicros: 10,
      referenceMicros: 25,
      bytes: 196_608,
      rounds: [[10, 25]],
    } as const
    const text = benchText(
      {
        name: 'my::op',
        build: 'b',
        lines: [
          { ...line, direction: 'forward' },
          { ...line, direction: 'forward and back', opMicros: 2000 },
        ],
      },
      1,
      style,
    )
    expect(text).toMatch(/float32\[64, 256\] {2}forward +10\.0 µs +25\.0 µs +2\.50x {2}19\.7 GB\/s/)
    expect(text).toMatch(/forward and back +2\.00 ms +25\.0 µs +0\.01x/)
  })
})
