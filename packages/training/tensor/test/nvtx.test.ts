/** NVTX events received by a tool that is injected like Nsight Systems. */

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const headers = '/usr/local/cuda/include'
const folder = mkdtempSync(join(tmpdir(), 'nvtx-'))
const tool = join(folder, 'libtool.so')

beforeAll(() => {
  const source = fileURLToPath(new URL('./programs/nvtx-tool.cc', import.meta.url))
  // With NVIDIA's headers, where they are, what is believed of them is checked.
  const known = existsSync(join(headers, 'nvtx3/nvToolsExt.h'))
    ? ['-DHADAL_NVTX_HEADERS', `-I${headers}`]
    : []
  execFileSync('g++', ['-std=c++17', '-shared', '-fPIC', ...known, source, '-o', tool])
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a program that says things to NVTX; what the tool saw, and what the program printed. */
function run(env: Readonly<Record<string, string>>) {
  const program = `
    import { markStep, nvtx, recordRange } from '@hadal/tensor'
    nvtx.push('step 1')
    nvtx.push('phase:forward ✓')
    nvtx.mark('here')
    nvtx.pop()
    nvtx.pop()
    nvtx.pop()
    markStep(2)
    await recordRange(() => 'phase:' + 'backward', async () => {})
    markStep(undefined)
    console.log(nvtx.isLoaded)
  `
  const seen = join(folder, 'seen')
  rmSync(seen, { force: true })
  const root = fileURLToPath(new URL('../../../..', import.meta.url))
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program],
    { cwd: root, encoding: 'utf8', env: { ...process.env, HADAL_NVTX_SEEN: seen, ...env } },
  )
  expect([stderr, status]).toEqual(['', 0])
  return { seen: existsSync(seen) ? readFileSync(seen, 'utf8') : '', said: stdout.trim() }
}

it('says ranges and moments to the tool that is there', () => {
  const { seen, said } = run({ NVTX_INJECTION64_PATH: tool })
  expect(said).toBe('true')
  expect(seen).toBe(
    'push step 1\npush phase:forward ✓\nmark here\npop \npop \npop \npush ProfilerStep#2\npush phase:backward\npop \npop \n',
  )
})

it.each<[string, Record<string, string>]>([
  ['there is none', {}],
  ['it is no library', { NVTX_INJECTION64_PATH: '/dev/null' }],
  ['it wants nothing', { NVTX_INJECTION64_PATH: tool, HADAL_NVTX_REFUSES: '1' }],
])('says nothing where %s', (_, env) => {
  expect(run(env)).toEqual({ seen: '', said: 'false' })
})
