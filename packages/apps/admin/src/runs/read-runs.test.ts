import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { RunFile, RunNote } from '@hadal/train/record'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openRunsApi } from './runs-api.ts'

const file: RunFile = {
  version: 1,
  name: 'nano',
  startedAt: 1000,
  resumedAt: 1000,
  starts: 1,
  parameters: 5_800_000,
  activatedParameters: 5_800_000,
  unit: 'tokens',
  flopsPerToken: 35e6,
  peakFlops: 1e11,
  ranks: 1,
  totalSteps: 4,
  rates: [{ name: 'embeddings', factor: 0.1 }],
  fingerprint: 'f',
  config: { seed: 1 },
}

const metrics = [1, 2, 3, 4]
  .map((step) => `${JSON.stringify({ step, loss: 5 - step, tokens: 10, seconds: 1 })}\n`)
  .join('')

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'hadal-runs-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return root
}

/** Files of a run by their path. */
function lay(folder: string, files: Readonly<Record<string, string | Buffer>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const asLines = (notes: readonly RunNote[]): string =>
  notes.map((note) => `${JSON.stringify(note)}\n`).join('')

/** As in a lock file: distinguishes this process from a later one with the same pid. */
function beganHere(): string | undefined {
  if (!existsSync('/proc/self/stat')) return undefined
  const stat = readFileSync('/proc/self/stat', 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

describe('the door to runs', () => {
  it('finds runs below its folders, says which are missing, and follows no links', async () => {
    const root = newRoot()
    lay(join(root, 'nano/pretrain'), { 'metrics.jsonl': metrics, 'run.json': JSON.stringify(file) })
    lay(join(root, 'nano/chat'), { 'checkpoints/step-000000001.safetensors': '' })
    lay(join(root, 'notes'), { 'readme.md': '' })
    symlinkSync(join(root, 'nano'), join(root, 'again'))
    const missing = join(root, 'nowhere')
    const { runs, roots } = await openRunsApi(() => [root, missing, root]).list()
    expect(runs.map(({ path }) => path).sort()).toEqual(['nano/chat', 'nano/pretrain'])
    expect(roots).toMatchObject([{ isThere: true }, { folder: missing, isThere: false }, { isThere: true }])
    expect(runs.find(({ name }) => name === 'nano')).toMatchObject({
      step: 4,
      totalSteps: 4,
      loss: 1,
      unit: 'tokens',
    })
  })

  it('returns the state of each run', async () => {
    const root = newRoot()
    const ended = (state: 'finished' | 'failed', more = {}) =>
      JSON.stringify({ ...file, name: state, end: { state, step: 4, at: 2000, ...more } })
    lay(join(root, 'finished'), { 'run.json': ended('finished') })
    lay(join(root, 'failed'), {
      'run.json': ended('failed', { reason: 'no number', code: 'train_diverged' }),
    })
    lay(join(root, 'died'), { 'run.json': JSON.stringify({ ...file, name: 'died' }) })
    lay(join(root, 'old'), { 'metrics.jsonl': metrics })
    lay(join(root, 'garbage'), { 'run.json': '{"version":1,"name":7,"rates":[{}],"end":{"state":"no"}}' })
    const lock = { pid: process.pid, host: hostname(), began: beganHere(), since: '' }
    lay(join(root, 'running'), {
      'run.json': JSON.stringify({ ...file, name: 'running' }),
      'train.lock': JSON.stringify(lock),
    })
    const api = openRunsApi(() => [root])
    const states = Object.fromEntries((await api.list()).runs.map(({ path, state }) => [path, state]))
    expect(states).toMatchObject({
      finished: 'finished',
      failed: 'failed',
      died: 'died',
      old: 'ended',
      garbage: 'died',
      running: 'running',
    })
    const { runs } = await api.list()
    const failed = runs.find(({ path }) => path === 'failed')!
    expect(await api.detail(failed.id)).toMatchObject({ reason: 'no number', code: 'train_diverged' })
  })

  it('returns the events of a run, without samples from rolled-back steps', async () => {
    const root = newRoot()
    const notes: RunNote[] = [
      { at: 1, type: 'started', step: 0 },
      { at: 2, type: 'sampled', step: 2, prompt: 'a', text: '<b>kept</b>' },
      { at: 3, type: 'sampled', step: 4, prompt: 'a', text: 'given up' },
      { at: 4, type: 'warning', message: 'slow disk' },
      { at: 5, type: 'started', step: 2 },
      { at: 6, type: 'ended', state: 'stopped', step: 4, reason: 'no longer falls' },
    ]
    lay(join(root, 'a'), {
      'metrics.jsonl': `${metrics}{"step":4,"decision":"went back to step 3","intervention":1}\n`,
      'events.jsonl': `${asLines(notes)}garbage\n{"at":7,"type":"sampled","step":"x"}\n`,
      'run.json': JSON.stringify(file),
    })
    const api = openRunsApi(() => [root])
    const [run] = (await api.list()).runs
    const detail = (await api.detail(run!.id))!
    expect(detail.samples).toEqual([{ step: 2, prompt: 'a', text: '<b>kept</b>' }])
    expect(detail.notes.map(({ kind }) => kind)).toEqual(['start', 'warning', 'start', 'end', 'guard'])
    expect(detail).toMatchObject({ config: { seed: 1 }, rates: [{ name: 'embeddings', factor: 0.1 }] })
    expect((await api.metrics(run!.id, undefined))!.last.loss).toEqual({ step: 4, value: 1 })
  })

  it('lists files by what they are, and opens pages that are among them alone', async () => {
    const root = newRoot()
    const folder = lay(join(root, 'a'), {
      'metrics.jsonl': metrics,
      'checkpoints/step-000000004.safetensors': 'xxxx',
      'checkpoints/best/loss-000001.250000-step-000000002.safetensors': 'xx',
      'model/model.safetensors': 'x',
      'retrieval.html': '<h1>found</h1>',
      'accuracy.json': '{"text":"</pre><script>alert(1)</script>"}',
    })
    lay(root, { 'secret.txt': 'secret' })
    lay(join(folder, 'nested'), { 'metrics.jsonl': metrics })
    symlinkSync(join(root, 'secret.txt'), join(folder, 'link.txt'))
    const api = openRunsApi(() => [root])
    const run = (await api.list()).runs.find(({ path }) => path === 'a')!
    const { files } = (await api.detail(run.id))!
    expect(files).toContainEqual(expect.objectContaining({ kind: 'checkpoint', step: 4, bytes: 4 }))
    expect(files).toContainEqual(expect.objectContaining({ kind: 'best', step: 2, loss: 1.25 }))
    expect(files.map(({ path }) => path)).not.toContain('nested/metrics.jsonl')
    expect(await api.report(run.id, 'retrieval.html')).toEqual({ text: '<h1>found</h1>' })
    expect(JSON.stringify(await api.report(run.id, 'accuracy.json'))).not.toContain('<script>')
    for (const path of [
      '../secret.txt',
      'link.txt',
      'checkpoints/step-000000004.safetensors',
      '/etc/passwd',
      '',
    ])
      expect(await api.report(run.id, path)).toBeUndefined()
    expect(await api.report('../a', 'retrieval.html')).toBeUndefined()
    writeFileSync(join(folder, 'large.html'), Buffer.alloc(33 * 1024 ** 2))
    expect(await api.report(run.id, 'large.html')).toEqual({ maxMebibytes: 32 })
  })

  it('reads a profile in a thread, and says what is wrong with one', async () => {
    const root = newRoot()
    const span = (name: string, ts: number, dur: number) => ({
      ph: 'X',
      name,
      cat: 'cpu_op',
      ts,
      dur,
      pid: 1,
      tid: 1,
    })
    const trace = gzipSync(
      JSON.stringify({ traceEvents: [span('aten::linear', 0, 50), span('aten::mm', 10, 30)] }),
    )
    lay(join(root, 'a'), { 'metrics.jsonl': metrics, 'profile/trace.json.gz': trace })
    lay(join(root, 'b'), { 'metrics.jsonl': metrics, 'profile/trace.json.gz': trace.subarray(0, 20) })
    lay(join(root, 'c'), { 'metrics.jsonl': metrics })
    const api = openRunsApi(() => [root])
    const { runs } = await api.list()
    const idOf = (path: string): string => runs.find((run) => run.path === path)!.id
    const answer = (await api.profile(idOf('a')))!
    if (!('profile' in answer)) throw new Error('no profile')
    const { profile } = answer
    expect(profile.trace.names).toEqual(['aten::linear', 'aten::mm'])
    expect(profile.trace.spans[2]).toEqual([0, 1])
    expect(await api.profile(idOf('b'))).toEqual({ name: 'b', unreadable: expect.stringMatching(/./) })
    expect(await api.profile(idOf('c'))).toEqual({ name: 'c', isMissing: true })
    expect(await api.profile('other')).toBeUndefined()
    expect(await api.metrics('other', undefined)).toBeUndefined()
    expect(await api.detail('other')).toBeUndefined()
  })

  it.skipIf(process.platform === 'win32')('waits for no pipe, and reads no link or device', async () => {
    const root = newRoot()
    const folder = lay(join(root, 'hostile'), { 'checkpoints/step-000000001.safetensors': '' })
    mkdirSync(join(folder, 'profile'))
    for (const name of [
      'metrics.jsonl',
      'events.jsonl',
      'train.lock',
      'profile/trace.json.gz',
      'report.html',
    ])
      execFileSync('mkfifo', [join(folder, name)])
    symlinkSync('/dev/zero', join(folder, 'run.json'))
    const linked = lay(join(root, 'linked'), { 'run.json': JSON.stringify(file) })
    lay(root, { 'secret.jsonl': metrics })
    symlinkSync(join(root, 'secret.jsonl'), join(linked, 'metrics.jsonl'))
    const api = openRunsApi(() => [root])
    const { runs } = await api.list()
    expect(runs.map(({ name, state, step }) => [name, state, step])).toEqual(
      expect.arrayContaining([
        ['hostile', 'ended', undefined],
        ['nano', 'died', undefined],
      ]),
    )
    const { id } = runs.find(({ name }) => name === 'hostile')!
    expect((await api.metrics(id, undefined))!.series).toEqual([])
    expect((await api.detail(id))!.samples).toEqual([])
    expect(await api.profile(id)).toMatchObject({ isMissing: true })
    expect(await api.report(id, 'report.html')).toBeUndefined()
  })
})
