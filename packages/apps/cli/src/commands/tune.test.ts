import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Service } from '@hadal/config'
import { createFakeEngine, type Engine } from '@hadal/engine'
import type { TuneProgress } from '@hadal/protocol'
import type { StartEngine } from '@hadal/service'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { createProgram } from '../program.ts'
import { tune } from './tune.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-tune-'))
  writeFileSync(join(folder, 'tiny.gguf'), 'GGUF')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** From its startup settings. */
function fakeOf(said: Partial<Service>, reportsSteps: boolean): Engine {
  const fake = createFakeEngine({
    tokenMillis: 1,
    maxBatchSize: said.maxBatchSize ?? 16,
    maxQueue: 1000,
    contextLength: 512,
    model: { contextLength: 512, can: { generate: true, embed: false, rerank: false } },
  })
  const silence = { onStep: () => ({ [Symbol.dispose]: () => {} }) }
  return Object.assign(
    fake,
    { choices: [`threads: ${said.threads ?? 2} (physical cores)`] },
    reportsSteps ? {} : silence,
  )
}

const run = (...args: string[]) => runOn(true, ...args)

async function runOn(reportsSteps: boolean, ...args: string[]) {
  const terminal = recordingTerminal({ folder })
  const started: Partial<Service>[] = []
  const startEngine: StartEngine = (_, said) => {
    started.push(said)
    return fakeOf(said, reportsSteps)
  }
  const signals = { first: new AbortController().signal, [Symbol.dispose]: () => {} }
  const program = createProgram(terminal, () => {})
  const code = await new Promise<number>((resolve, reject) => {
    program.commands
      .find((command) => command.name() === 'tune')!
      .action((_flags, command) => tune(command, terminal, startEngine, signals).then(resolve, reject))
    const given = [
      'tune',
      '--model',
      join(folder, 'tiny.gguf'),
      '--requests',
      '50',
      '--output-tokens',
      '8',
      '--prompt-tokens',
      '40',
      ...args,
    ]
    program.parseAsync(given, { from: 'user' }).catch(reject)
  })
  return { code, started, out: terminal.printed.join('\n'), notes: terminal.noted.join('\n') }
}

describe('hadal tune', () => {
  it('is for models that generate: one with towers is refused', async () => {
    mkdirSync(join(folder, 'clip'))
    writeFileSync(join(folder, 'clip', 'config.json'), '{"model_type":"clip","vision_config":{}}')
    await expect(run('--model', join(folder, 'clip'))).rejects.toMatchObject({ code: 'model_unfit' })
  })

  it('measures, searches, tries under real load, and prints settings to paste', async () => {
    const { code, started, out } = await run(
      '--validate',
      '1',
      '--validate-for',
      '1s',
      '--html',
      'tune.html',
      '--costs',
      'costs.json',
    )
    expect(code).toBe(0)
    for (const text of ['1 thread: ', 'guide: batches of 8, 100 ms', 'under real load', 'maxBatchSize: '])
      expect(out).toContain(text)
    expect(out).not.toMatch(/NaN|undefined/)
    // Twice per thread count.
    expect(
      started.filter(({ maxBatchSize, threads }) => maxBatchSize === 32 && threads === 1).length,
    ).toBeGreaterThanOrEqual(2)
    expect(readFileSync(join(folder, 'tune.html'), 'utf8')).toContain('guide: batches of 32, 50 ms')
    expect(JSON.parse(readFileSync(join(folder, 'costs.json'), 'utf8')).step.perStep).toBeGreaterThanOrEqual(
      0,
    )
  })

  it('writes what it found into the config, and tries only what it may', async () => {
    writeFileSync(join(folder, 'hadal.config.json'), JSON.stringify({ maxQueue: 9, sloTtftMillis: 700 }))
    const { notes, started } = await run('--validate', '0', '--threads-tried', '2', '--write')
    const written = JSON.parse(readFileSync(join(folder, 'hadal.config.json'), 'utf8'))
    expect(written).toMatchObject({ maxQueue: 9, sloTtftMillis: 700, threads: 2, contextLength: 512 })
    expect(written.maxBatchSize).toBeGreaterThan(0)
    expect(notes).toContain('first tokens within 700 ms')
    expect(notes).toContain('written to hadal.config.json')
    expect(started.every(({ threads }) => threads === undefined || threads === 2)).toBe(true)
  })

  it('prints each measurement as a JSON line with --progress json', async () => {
    const { out } = await run('--validate', '1', '--validate-for', '1s', '--progress', 'json')
    const reported = out.split('\n').map((line) => JSON.parse(line) as TuneProgress)
    expect(reported[0]).toMatchObject({ type: 'begin', requests: 50, validated: 1, slo: { ttftMillis: 500 } })
    const types = new Set(reported.map(({ type }) => type))
    expect([...types].sort()).toEqual(['attempt', 'begin', 'costs', 'phase', 'point', 'slowdown'])
    const points = reported.filter((each) => each.type === 'point')
    expect(points.length).toBeGreaterThan(10)
    for (const { knobs, requestsPerSecond, ttftMillis = 0, isKept } of points) {
      expect(knobs.maxBatchSize).toBeGreaterThan(0)
      expect(requestsPerSecond).toBeGreaterThan(0)
      if (isKept) expect(ttftMillis).toBeLessThanOrEqual(500)
    }
  })

  it('compares with the settings as they are, whatever thread counts are tried besides', async () => {
    const { code, out } = await run('--validate', '0', '--threads-tried', '1')
    expect(code).toBe(0)
    for (const text of ['1 thread: ', '2 threads: ']) expect(out).toContain(text)
    expect(out).not.toMatch(/as it is .*cannot meet SLO/)
  })

  it('leaves out what is too long for the model, and says so', async () => {
    const { notes } = await run(
      '--validate',
      '0',
      '--threads-tried',
      '2',
      '--prompt-tokens',
      'uniform:40,900',
    )
    expect(notes).toMatch(/\d+ of 50 requests exceed 512 tokens and were skipped/)
  })

  it('learns nothing from an engine that reports nothing', async () => {
    const tuning = runOn(false, '--validate', '0', '--threads-tried', '2')
    await expect(tuning).rejects.toMatchObject({ code: 'tune_unmeasured' })
  })

  it.each([
    [['--prompt-tokens', '900'], 'usage'],
    [['--traffic', 'nowhere.jsonl'], 'simulation_file_invalid'],
    [['--html', 'no/where.html'], 'report_unwritable'],
    [['--validate', 'x'], 'usage'],
  ])('refuses %j', async (args, code) => {
    await expect(run('--threads-tried', '2', ...args)).rejects.toMatchObject({ code })
  })
})
