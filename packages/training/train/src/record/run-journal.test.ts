import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@hadal/base'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tinyRun } from '../../test/tiny-run.ts'
import type { RunControl, TrainEvent } from '../events.ts'
import { defineRun } from '../run.ts'
import { rateGroups } from './rate-groups.ts'
import type { RunFile, RunNote } from './run-file.ts'
import { runJournal } from './run-journal.ts'

const control: RunControl = { stop: () => {}, save: () => {}, warn: () => {} }
const started: TrainEvent = {
  type: 'started',
  name: 'tiny',
  parameters: 100,
  activatedParameters: 90,
  step: 0,
  totalSteps: 20,
  interventions: 0,
  unit: 'tokens',
  flopsPerToken: 600,
}

function begun() {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const run = tinyRun(folder, 'fp32')
  const file = (): RunFile => JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
  const notes = (): RunNote[] =>
    readFileSync(join(folder, 'events.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  return { folder, run, file, notes }
}

describe('runJournal', () => {
  it('keeps what a run is, what happened to it and how it ended', () => {
    const { folder, run, file, notes } = begun()
    const clock = new ManualClock()
    const { listener } = runJournal(run, { peakFlops: 1e9, clock })
    listener(started, control)
    expect(file()).toMatchObject({ version: 1, name: 'tiny', parameters: 100, starts: 1, peakFlops: 1e9 })
    expect(file().config).toHaveProperty('model.hidden_size')
    expect(file().config).not.toHaveProperty('data')
    expect(file().end).toBeUndefined()
    listener({ type: 'sampled', step: 5, prompt: 'two', text: 'three' }, control)
    const path = join(folder, 'checkpoints/step-000000010.safetensors')
    listener({ type: 'checkpoint', step: 10, path, seconds: 0.1 }, control)
    listener({ type: 'stopped', step: 12, reason: 'no longer falls', seconds: 3 }, control)
    expect(file().end).toMatchObject({ state: 'stopped', step: 12, reason: 'no longer falls' })
    expect(notes()).toMatchObject([
      { type: 'started', step: 0 },
      { type: 'sampled', prompt: 'two', text: 'three' },
      { type: 'checkpoint', file: 'checkpoints/step-000000010.safetensors' },
      { type: 'ended', state: 'stopped' },
    ])
  })

  it('says what failed, in the words of its error', () => {
    const { run, file } = begun()
    const journal = runJournal(run)
    journal.listener(started, control)
    journal.failed(new TypeError('no number'))
    expect(file().end).toMatchObject({ state: 'failed', reason: 'no number' })
  })

  it('counts the processes of one run, and begins again in a folder that was emptied', () => {
    const { run, file, folder } = begun()
    runJournal(run).listener(started, control)
    const first = file().startedAt
    runJournal(run).listener({ ...started, step: 10 }, control)
    expect(file()).toMatchObject({ starts: 2, startedAt: first })
    runJournal(run).listener(started, control)
    expect(file().starts).toBe(1)
    writeFileSync(join(folder, 'run.json'), '{ "version":')
    runJournal(run).listener({ ...started, step: 10 }, control)
    expect(file().starts).toBe(1)
  })
})

describe('rateGroups', () => {
  it('names parts from the bottom to the top, those of one rate together', () => {
    const { run } = begun()
    expect(rateGroups(run)).toEqual([])
    const groups = rateGroups(defineRun({ ...run, rates: { bottom: run.schedule.peak / 10 } }))
    expect(groups[0]).toMatchObject({ factor: expect.closeTo(0.1) })
    expect(groups.at(-1)!.factor).toBeCloseTo(1)
    expect(groups.map(({ name }) => name).join()).toContain('embeddings')
  })
})
