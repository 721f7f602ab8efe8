import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packStream } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import { type RecipeOptions, readMetrics, type TrainEvent } from '@hadal/train'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RecordingTerminal, recordingTerminal } from '../../../apps/cli/test/recording-terminal.ts'
import { execute } from './execute.ts'

setNumThreads(1)
let folder: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-execute-'))
  terminal = recordingTerminal({ folder })
})
afterEach(() => rmSync(folder, { recursive: true }))

const pattern = (count: number, start: number): number[] =>
  Array.from({ length: count }, (_, index) => (start + index) ** 2 % 31)
const recipe = (change: Partial<RecipeOptions> = {}): RecipeOptions => ({
  name: 'tiny',
  folder: join(folder, 'run'),
  model: {
    vocab_size: 32,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 8,
    rms_norm_eps: 1e-5,
    rope_theta: 1000,
    tie_word_embeddings: true,
  },
  data: { train: packStream([pattern(163, 0)], 8, 31), valid: packStream([pattern(50, 7)], 8, 31) },
  batch: { windows: 2, accumulate: 2 },
  schedule: { peak: 0.02, warmupSteps: 1, totalSteps: 6, floorFraction: 0.1 },
  evaluate: { everySteps: 3 },
  ...change,
})
const run = (exported: unknown, ...args: string[]): Promise<number> =>
  execute({ kind: 'train' }, exported, join(folder, 'run.ts'), args, terminal)
const output = (): string => terminal.printed.join('\n')

describe('a run that a recipe exports', () => {
  it('is trained with metrics and TensorBoard, as the command line says, and goes on where it ended', async () => {
    const events: TrainEvent[] = []
    const listeners = [(event: TrainEvent) => void events.push(event)]
    const given = (said: object, args: readonly string[]): RecipeOptions => {
      expect(said).toEqual({ 'schedule.totalSteps': 4, threads: 1 })
      expect(args).toEqual(['--data', 'x'])
      return recipe({ listeners })
    }
    const args = ['--schedule-total-steps', '4', '--threads', '1', '--', '--data', 'x']
    expect(await run(given, ...args)).toBe(0)
    expect(events.at(-1)).toMatchObject({ type: 'finished', step: 4 })
    expect(readMetrics(join(folder, 'run/metrics.jsonl')).at(-1)).toMatchObject({ step: 4 })
    expect(existsSync(join(folder, 'run/tensorboard'))).toBe(true)
    expect(await run(given, ...args)).toBe(0)
    expect(events.at(-2)).toMatchObject({ type: 'started', step: 4 })
  })

  it('that is asked to stop before its end says so, with a checkpoint', async () => {
    const listeners = [
      (event: TrainEvent) => {
        if (event.type === 'step' && event.step === 3) process.kill(process.pid, 'SIGTERM')
      },
    ]
    expect(await run(recipe({ listeners }))).toBe(143)
    expect(readdirSync(join(folder, 'run/checkpoints'))).toHaveLength(1)
    expect(await run(recipe())).toBe(0)
  })

  it('in a place that is no folder is refused by its name', async () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    for (const place of [file, join(file, 'run')])
      await expect(run(recipe(), '--folder', place)).rejects.toMatchObject({
        code: 'train_folder_unusable',
        message: expect.stringContaining(place),
      })
  })

  it('is only planned with --dry-run', async () => {
    expect(
      await run(recipe({ average: {} }), '--dry-run', '--batch-accumulate', '3', '--precision', 'bf16'),
    ).toBe(0)
    expect(output()).toMatch(/^model +4\.4k parameters$/m)
    expect(output()).toMatch(/^a step +48 tokens in 3 passes; 1\.40 MFLOP$/m)
    expect(output()).toMatch(/^an epoch +3\.3 steps$/m)
    expect(output()).toMatch(/^ +optimizer +34\.6 KiB, adamw$/m)
    expect(output()).toMatch(/^ +average +17\.3 KiB$/m)
    expect(output()).not.toMatch(/^rates/m)
    expect(existsSync(join(folder, 'run'))).toBe(false)
  })

  it.each([
    [['--rates-bottom', '1e-3'], '1e-3 ... 2e-2 over 2 layers, linear'],
    [['--rates-shape', 'geometric', '--schedule-peak', '1e-4'], '1e-5 ... 1e-4 over 2 layers, geometric'],
    [['--rates-decay', '0.9'], '1.8e-2 ... 2e-2 over 2 layers, geometric'],
  ])('says with --dry-run %j which rates layers have', async (args, rates) => {
    expect(await run(recipe(), '--dry-run', ...args)).toBe(0)
    expect(output()).toContain(`\nrates          ${rates}\n`)
  })

  it('is not begun where anything is wrong: all of it is said at once', async () => {
    await expect(
      run(recipe({ clipNorm: 0 }), '--sed', '3', '--schedule-peak', 'x', '--schedule-timescale', '9'),
    ).rejects.toThrow(
      /4 error\(s\)[\s\S]*--schedule-peak: "x" is not[\s\S]*--sed: there is no such flag; did you mean --seed\?[\s\S]*schedule\.timescale is unknown to cosine[\s\S]*clipNorm is 0/,
    )
    await expect(run(recipe(), '--seed')).rejects.toMatchObject({ code: 'usage' })
    expect(existsSync(join(folder, 'run'))).toBe(false)
  })

  it('says how ranks would divide it', async () => {
    for (const what of ['--dry-run', '--plan']) {
      terminal.printed.splice(0)
      expect(await run(recipe(), what, '--nproc', '2')).toBe(0)
      expect(output()).toMatch(
        /^layout +data 2 x tensor 1, zero 0, .* on each of 2 ranks\nproposed +the same$/m,
      )
    }
    await expect(run(recipe(), '--dry-run', '--nproc', '2', '--parallel-tensor', '3')).rejects.toMatchObject({
      code: 'train_invalid_run',
    })
  })

  it('says with --help what can be said', async () => {
    const shown = join(folder, 'shown')
    const help = ['-e', "require('node:fs').writeFileSync(process.argv[1], 'help')", shown]
    const file = join(folder, 'run.ts')
    expect(await execute({ kind: 'train', help }, recipe(), file, ['--help'], terminal)).toBe(0)
    expect(readFileSync(shown, 'utf8')).toBe('help')
  })
})

describe('a private run', () => {
  const privacy = { noiseMultiplier: 1, epsilon: 30, delta: 0.1 }

  it('says what it will spend with --plan, by both bounds, and as JSON', async () => {
    expect(await run(recipe({ privacy }), '--plan')).toBe(0)
    expect(output()).toContain('a budget of epsilon 30 at delta 0.1: the run spends')
    expect(output()).toMatch(/4 of 20 per step on average, each with probability 0\.2/)
    expect(output()).toMatch(/steps {2}epsilon \(rdp\) {2}epsilon \(prv\)\n/)
    expect(output()).toContain('privacy.delta is 0.1 for 20 rows')
    expect(output()).toContain('--checkpointing-every 1')
    expect(output()).not.toMatch(/--nproc|--loss-chunk|--checkpointing-memory/)
    terminal.printed.length = 0
    expect(await run(recipe({ privacy }), '--plan', '--json')).toBe(0)
    const reported = JSON.parse(output()) as {
      plan: object
      privacy: { curve: { steps: number; rdp: number; prv: number }[] }
    }
    expect(reported.plan).toBeDefined()
    expect(reported.privacy).toMatchObject({
      noiseMultiplier: 1,
      sampleRate: 0.2,
      epsilon: 30,
      isDerived: false,
    })
    const { curve } = reported.privacy
    expect(curve.map(({ steps }) => steps)).toEqual([1, 2, 3, 4, 5, 6])
    for (const [i, { rdp, prv }] of curve.entries()) {
      expect(prv).toBeLessThanOrEqual(rdp)
      if (i > 0) expect(rdp).toBeGreaterThan(curve[i - 1]!.rdp)
    }
  })

  it('is what a setting of privacy makes of a recipe, whatever the recipe says of a guard', async () => {
    const given = recipe({ guard: { patience: 2 } })
    expect(await run(given, '--dry-run', '--privacy-epsilon', '3', '--privacy-accountant', 'rdp')).toBe(0)
    expect(output()).toMatch(
      /privacy +a budget of epsilon 3 at delta 0\.005: the run spends (3\.0000|2\.999\d) \(rdp\)/,
    )
    expect(output()).toContain('derived from the budget; securely sampled')
    terminal.printed.length = 0
    expect(await run(given, '--dry-run')).toBe(0)
    expect(output()).not.toContain('privacy')
  })

  it('refuses more steps than its budget pays for, with what would do', async () => {
    const tight = recipe({ privacy: { noiseMultiplier: 0.5, epsilon: 1, accountant: 'rdp' } })
    await expect(run(tight, '--plan')).rejects.toMatchObject({
      code: 'train_invalid_run',
      message: expect.stringContaining('schedule.totalSteps is 6; at noise 0.5'),
    })
  })

  it('trains and reports the epsilon spent', async () => {
    expect(await run(recipe({ privacy: { ...privacy, delta: 1e-3, accountant: 'rdp' } }))).toBe(0)
    const lines = readMetrics(join(folder, 'run/metrics.jsonl'))
    expect(lines.at(-1)!.epsilon).toBeGreaterThan(0)
    expect(lines.filter((line) => line.privacy !== undefined)).toHaveLength(6)
  })
})
