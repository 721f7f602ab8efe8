/** `hadal train --profile` and `hadal profile`, on a tiny run and on traces that lie in files. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-profile-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function hadal(...args: string[]) {
  const terminal = recordingTerminal({ folder })
  const code = await main(args, terminal)
  return { code, printed: terminal.printed.join('\n'), noted: terminal.noted.join('\n') }
}

/** What PyTorch's export_chrome_trace writes, as far as it is read. */
const pytorchTrace = {
  schemaVersion: 1,
  traceEvents: [
    { ph: 'X', cat: 'user_annotation', name: 'ProfilerStep#0', pid: 1, tid: 1, ts: 100, dur: 1000 },
    { ph: 'X', cat: 'cpu_op', name: 'aten::contiguous', pid: 1, tid: 1, ts: 150, dur: 400 },
    { ph: 'X', cat: 'cpu_op', name: 'aten::mm', pid: 1, tid: 1, ts: 560, dur: 540 },
  ],
}

beforeAll(() => {
  writeFileSync(join(folder, 'trace.json'), JSON.stringify(pytorchTrace))
  const faster = structuredClone(pytorchTrace)
  faster.traceEvents[1]!.dur = 100
  writeFileSync(join(folder, 'faster.json'), JSON.stringify(faster))
  writeFileSync(join(folder, 'broken.json'), '{"traceEvents": [')
  mkdirSync(join(folder, 'run'))
})

describe('hadal profile', () => {
  it('shows any Chrome trace, and writes its page', async () => {
    const { code, printed, noted } = await hadal('profile', 'trace.json')
    expect(code).toBe(0)
    expect(printed).toContain('40 % of the step is layout copies')
    expect(printed).toMatch(/aten::mm +54 % +540 µs/)
    expect(noted).toContain('trace.html is the page')
    expect(readFileSync(join(folder, 'trace.html'), 'utf8')).toContain('<h1>trace.json</h1>')
    await hadal('profile', 'trace.json', '--html', 'other.html', '--rows', '1')
    expect(existsSync(join(folder, 'other.html'))).toBe(true)
  })

  it('compares two, and prints JSON', async () => {
    const { printed } = await hadal('profile', 'trace.json', '--compare', 'faster.json')
    expect(printed).toMatch(/aten::contiguous +400 µs +100 µs +−300 µs/)
    const { summary, advice } = JSON.parse((await hadal('profile', 'trace.json', '--json')).printed) as {
      summary: { totalMicros: number }
      advice: { rule: string }[]
    }
    expect(summary.totalMicros).toBe(1000)
    expect(advice.map(({ rule }) => rule)).toContain('layout-copies')
  })

  it.each([
    ['run', 'profile_not_recorded', 'hadal train RECIPE --profile'],
    ['nowhere', 'profile_unreadable', 'ENOENT'],
    ['broken.json', 'profile_unreadable', 'not a Chrome trace'],
  ])('says what is wrong with %s', async (what, error, word) => {
    const { code, noted } = await hadal('profile', what)
    expect(code).not.toBe(0)
    expect(noted).toContain(error)
    expect(noted).toContain(word)
  })

  it.each([
    [['--rows', '0'], '--rows: "0"'],
    [['--rank', 'x'], '--rank: "x"'],
  ])('refuses %s', async (flags, word) => {
    const { code, noted } = await hadal('profile', 'trace.json', ...flags)
    expect(code).toBe(2)
    expect(noted).toContain(word)
  })
})

const recipe = (run: string): string => `
import { packStream } from '@hadal/nn'
const ids = (count) => Array.from({ length: count }, (_, i) => (i * i * 7 + i) % 31)
export default {
  name: 'tiny', folder: ${JSON.stringify(run)},
  model: { vocab_size: 32, hidden_size: 16, intermediate_size: 24, num_hidden_layers: 1, num_attention_heads: 2,
    num_key_value_heads: 2, max_position_embeddings: 8, rms_norm_eps: 1e-5, rope_theta: 1000, tie_word_embeddings: true },
  data: { train: packStream([ids(200)], 8, 31), valid: packStream([ids(50)], 8, 31) },
  batch: { windows: 2, accumulate: 1 },
  schedule: { peak: 0.01, warmupSteps: 1, totalSteps: 8, floorFraction: 0.1 },
  evaluate: { everySteps: 8 },
}
`

it('hadal train --profile leaves what hadal profile shows', async () => {
  const here = dirname(fileURLToPath(import.meta.url))
  symlinkSync(join(here, '../../../../../node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'recipe.ts'), recipe(join(folder, 'run')))
  const program = join(here, '../../../../training/launch/dist/recipe-main.js')
  const args = ['--import', 'tsx', program, '{"kind":"train"}']
  const env = { ...process.env, OMP_NUM_THREADS: '1' }
  execFileSync(process.execPath, [...args, join(folder, 'recipe.ts'), '--threads', '1', '--profile'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: join(here, '../../../../..'),
  })
  const { code, printed, noted } = await hadal('profile', 'run')
  expect(code).toBe(0)
  expect(printed).toContain('tiny, steps 4 to 6')
  expect(printed).toMatch(/forward +\d+ %/)
  expect(noted).toContain(join('run', 'profile', 'profile.html'))
})
