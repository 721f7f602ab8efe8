/** `hadal train verify-resume` as a user runs it: a run that resumes to the bit, and one whose data forgets where it was. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runsSlowTests } from '../../../kernel/base/test/slow-tests.ts'
import { main } from '../src/main.ts'
import { recordingTerminal } from './recording-terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-verify-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** TypeScript of recipes that need no package: `train` is an expression. */
const recipe = (train: string): string => `
const length = 8
const windows = (count: number, start: number) => {
  const tokens = Array.from({ length: count * length + 1 }, (_, i) => (start + i) ** 2 % 31)
  return { length, count, inputs: Int32Array.from(tokens.slice(0, -1)), targets: Int32Array.from(tokens.slice(1)) }
}
/** Endless, and without a memory of where it was. */
const forgetful = {
  length,
  fingerprint: 'forgetful',
  open() {
    let at = 0
    return {
      next: (count: number) => windows(count, 3 * at++),
      get state() { return { at } },
      restore() {},
      get epoch() { return 0 },
    }
  },
}
export default {
  name: 'tiny',
  folder: 'unused',
  model: {
    vocab_size: 32, hidden_size: 16, intermediate_size: 24, num_hidden_layers: 2, num_attention_heads: 4,
    num_key_value_heads: 2, max_position_embeddings: 8, rms_norm_eps: 1e-5, rope_theta: 1000, tie_word_embeddings: true,
  },
  data: { train: ${train}, valid: windows(6, 7) },
  batch: { windows: 2, accumulate: 2 },
  schedule: { peak: 0.02, warmupSteps: 3, totalSteps: 24, floorFraction: 0.1 },
  average: { decay: 0.9 },
  evaluate: { everySteps: 6 },
}
`

beforeAll(() => {
  writeFileSync(join(folder, 'sound.ts'), recipe('windows(22, 0)'))
  writeFileSync(join(folder, 'forgetful.ts'), recipe('forgetful'))
  writeFileSync(join(folder, 'program.ts'), 'console.error("a program")')
})

async function verify(...args: string[]) {
  const terminal = recordingTerminal({ folder, env: { TMPDIR: folder } })
  const code = await main(['train', 'verify-resume', ...args, '--threads', '1'], terminal)
  return { code, output: terminal.printed.join('\n'), notes: terminal.noted.join('\n') }
}

describe('a run', () => {
  it('that resumes is said to, part by part, and leaves nothing behind', async () => {
    const { code, output } = await verify('sound.ts', '--steps', '8')
    expect(output).toMatch(/^8 steps, restarted after steps 2 and 5$/m)
    for (const part of [
      'data read',
      'metrics',
      'weights',
      'optimizer',
      'average',
      'random state',
      'position',
    ])
      expect(output).toMatch(new RegExp(`^${part} +same`, 'm'))
    expect(output).toContain('The resumed run is identical bit for bit.')
    expect(code).toBe(0)
    expect(readdirSync(folder).sort()).toEqual(['forgetful.ts', 'program.ts', 'sound.ts'])
  })

  it('that is private is drawn from its seed, and spends the same', async () => {
    const { code, output } = await verify('sound.ts', '--steps', '4', '--privacy-noise-multiplier', '1')
    expect(output).toMatch(/^4 steps, restarted after steps 2 and 3$/m)
    for (const part of ['data read', 'metrics', 'weights', 'random state', 'spent'])
      expect(output).toMatch(new RegExp(`^${part} +same`, 'm'))
    expect(code).toBe(0)
  })

  it.runIf(runsSlowTests)(
    'that is quantised is the same where it changes its precision, and after',
    async () => {
      const course = ['--quantization-fp32-steps', '2', '--quantization-half-steps', '2']
      const { code, output } = await verify(
        ...['sound.ts', '--steps', '8', '--quantization-weights', 'q4_0', '--quantization-half', 'fp16'],
        ...course,
      )
      expect(output).toMatch(/^8 steps, restarted after steps 2 and 5$/m)
      for (const part of ['metrics', 'weights', 'optimizer', 'average', 'precision', 'random state'])
        expect(output).toMatch(new RegExp(`^${part} +same`, 'm'))
      expect(code).toBe(0)
    },
  )

  it('whose data forgets its position is found out, with what it read instead', async () => {
    const { code, output } = await verify('--steps', '8', 'forgetful.ts')
    expect(output).toMatch(
      /First difference, in data read: step 3 read windows [0-9a-f]{12} instead of windows [0-9a-f]{12}\./,
    )
    expect(output).toContain('look at state and restore of the stream')
    expect(output).toMatch(/^weights +differs/m)
    expect(code).toBe(1)
  })

  it('has to be exported, and to have steps enough', async () => {
    expect(await verify('program.ts')).toMatchObject({
      code: 1,
      notes: expect.stringContaining('error[verify_resume_failed]'),
    })
    expect((await verify('sound.ts', '--steps', '3')).notes).toContain('at least 4')
    const { notes } = await verify('sound.ts', '--schedule-total-steps', '3')
    expect(notes).toContain('uninterrupted run: the process ended with exit code 1')
  })
})
