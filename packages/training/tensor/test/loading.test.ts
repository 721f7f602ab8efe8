/** What happens around the library: loading it, in workers, alongside WebAssembly, in a loop that never yields, or not at all. */

import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { programFile } from '../../../kernel/base/test/program-file.ts'
import { runs } from '../../../kernel/base/test/slow-tests.ts'

const programs = new Map(
  ['start', 'trap', 'workers', 'loop'].map((name) => [
    name,
    programFile(import.meta.url, `./programs/${name}.ts`),
  ]),
)

async function run(name: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [programs.get(name)!], {
    env: { ...process.env, ...env },
  })
  return stdout.trim()
}

it('starts again and again without a crash', async () => {
  for (let pair = 0; pair < runs(3, 20); pair++) {
    expect(await Promise.all([run('start'), run('start')])).toEqual(['64x64', '64x64'])
  }
})

it('leaves WebAssembly its traps', async () => {
  expect(await run('trap')).toBe('RuntimeError RuntimeError 0')
})

it('works in worker threads', async () => {
  expect(JSON.parse(await run('workers'))).toEqual({ here: 8000, there: [8000, 8000, 8000], alive: true })
})

it('frees unreferenced tensors in a loop that never yields', async () => {
  const { rounds, most, peakBytes, rss } = JSON.parse(await run('loop'))
  expect(most).toBeLessThan(rounds / 2)
  expect(peakBytes).toBeLessThan(400e6)
  expect(rss).toBeLessThan(1e9)
})

it('loads nothing at import', async () => {
  const script = `import '@hadal/tensor'; console.log(process.report.getReport().sharedObjects.some((o) => o.includes('torch')))`
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const args = ['--input-type=module', '-e', script]
  expect(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' }).trim()).toBe('false')
})

describe('without what it needs', () => {
  it('says that the addon is not built, and how to build it', async () => {
    const failing = run('start', { HADAL_TENSOR_ADDON: '/nowhere/addon.node' })
    await expect(failing).rejects.toThrow('tensor_addon_not_built')
    await expect(failing).rejects.toThrow('LIBTORCH=/path/to/libtorch')
  })

  it('says what the loader said when libtorch cannot be loaded', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hadal-'))
    const broken = join(folder, 'addon.node')
    writeFileSync(broken, 'not a library')
    try {
      await expect(run('start', { HADAL_TENSOR_ADDON: broken })).rejects.toThrow('tensor_libtorch_not_found')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
