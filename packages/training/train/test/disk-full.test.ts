/** Disks that are full, read-only or broken: existing files stay intact, no partial files remain, and the run reports it. */

import { execFileSync } from 'node:child_process'
import fs, { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  metricsLog,
  type RunOptions,
  readCheckpoint,
  readMetrics,
  type TrainListener,
  tensorboardLog,
  train,
} from '@hadal/train'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { tinyOptions } from './tiny-run.ts'

// Such small work is faster on one thread, especially while other tests run.
setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-disk-'))
afterAll(() => rmSync(root, { recursive: true }))
afterEach(heal)
let folders = 0
const newFolder = (): string => join(root, String(folders++))

/** Files whose path matches accept half of what is written, then fail with `code`. */
function failWriting(paths: RegExp, code: string): void {
  const { openSync, writeSync } = fs
  const failing = new Set<number>()
  vi.spyOn(fs, 'openSync').mockImplementation((path, ...rest) => {
    const file = openSync(path, ...rest)
    if (paths.test(String(path))) failing.add(file)
    else failing.delete(file)
    return file
  })
  const write = writeSync as (file: number, bytes: Uint8Array, at?: number, length?: number) => number
  const wrote = new Set<number>()
  vi.spyOn(fs, 'writeSync').mockImplementation(((
    file: number,
    bytes: Uint8Array,
    at?: number,
    length?: number,
  ) => {
    if (!failing.has(file)) return write(file, bytes, at, length)
    if (wrote.has(file)) throw Object.assign(new Error(`${code}: injected`), { code })
    wrote.add(file)
    return write(file, bytes, 0, bytes.length >> 1)
  }) as typeof fs.writeSync)
  syncBuiltinESMExports()
}

function heal(): void {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
}

async function execute(options: RunOptions, ...others: TrainListener[]) {
  const warnings: string[] = []
  const written: number[] = []
  const run = defineRun(options)
  const result = await train(run, {
    listeners: [
      metricsLog(join(run.folder, 'metrics.jsonl')),
      tensorboardLog(join(run.folder, 'board')),
      (event) => {
        if (event.type === 'warning') warnings.push(event.message)
        if (event.type === 'checkpoint') written.push(event.step)
      },
      ...others,
    ],
  })
  return { warnings, written, result }
}

const checkpoints = (folder: string): string[] =>
  readdirSync(join(folder, 'checkpoints'), { recursive: true, encoding: 'utf8' }).sort()
const newest = (folder: string) => readCheckpoint(join(folder, 'checkpoints', 'step-000000024.safetensors'))
const losses = (folder: string) =>
  readMetrics(join(folder, 'metrics.jsonl')).map(({ step, loss }) => [step, loss])

const undisturbed = newFolder()
const reference = execute(tinyOptions(undisturbed))

describe('a checkpoint that cannot be written', () => {
  it('costs nothing but itself while the run does not need it', async () => {
    await reference
    const folder = newFolder()
    failWriting(/step-000000010.*partial$/, 'ENOSPC')
    let left: string[] = []
    const { warnings, written } = await execute(tinyOptions(folder), (event) => {
      if (event.type === 'step' && event.step === 11) left = checkpoints(folder)
    })
    expect(left).toEqual(['step-000000005.safetensors'])
    expect(warnings).toEqual([
      expect.stringMatching(
        /cannot write the checkpoint of step 10 to .*ENOSPC.* \(needs \d+ KiB, .* free\); training continues/,
      ),
    ])
    expect(written).toEqual([5, 15, 20, 24])
    expect(newest(folder)).toEqual(newest(undisturbed))
  })

  it('ends the run with what to free when it is the last one, and the run goes on where it can', async () => {
    await reference
    const folder = newFolder()
    failWriting(/step-000000024.*partial$/, 'ENOSPC')
    await expect(execute(tinyOptions(folder))).rejects.toMatchObject({
      code: 'train_checkpoint_unwritten',
      message: expect.stringContaining('cannot write the checkpoint of step 24'),
      help: expect.stringMatching(/^Free \d+ KiB on the disk of .* after .*step-000000020\.safetensors/),
    })
    expect(checkpoints(folder)).toEqual(['step-000000015.safetensors', 'step-000000020.safetensors'])
    heal()
    await execute(tinyOptions(folder))
    expect(newest(folder)).toEqual(newest(undisturbed))
    expect(losses(folder)).toEqual(losses(undisturbed))
  })

  it('ends the run when a listener requested it', async () => {
    const folder = newFolder()
    failWriting(/step-000000007.*partial$/, 'EIO')
    const saveAt7: TrainListener = (event, control) => {
      if (event.type === 'step' && event.step === 7) control.save()
    }
    await expect(execute(tinyOptions(folder), saveAt7)).rejects.toMatchObject({
      code: 'train_checkpoint_unwritten',
      message: expect.stringContaining('EIO'),
    })
    expect(checkpoints(folder)).toEqual(['step-000000005.safetensors'])
  })

  it('is not kept among the best, with a warning', async () => {
    const folder = newFolder()
    failWriting(/best.*partial$/, 'ENOSPC')
    const options = tinyOptions(folder)
    const { warnings, result } = await execute({
      ...options,
      checkpoint: { ...options.checkpoint!, best: 1 },
    })
    expect(result.status).toBe('finished')
    expect(warnings[0]).toMatch(/checkpoint of step 6 as one of the best: .*ENOSPC/)
    expect(checkpoints(folder).filter((name) => name.startsWith('best/'))).toEqual([])
  })
})

/** A file system of 1 MiB, where that may be mounted. */
const small = newFolder()
function mountSmall(): boolean {
  mkdirSync(small)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const isMounted = mountSmall()
afterAll(() => {
  if (isMounted) execFileSync('umount', [small])
})

describe.skipIf(!isMounted)('a disk of 1 MiB', () => {
  const filler = join(small, 'filler')
  const fill = (): void => {
    for (const size of [4096, 1])
      try {
        for (;;) appendFileSync(filler, Buffer.alloc(size))
      } catch {}
  }

  it('that is full for a while costs a checkpoint and nothing of the metrics', async () => {
    await reference
    const folder = join(small, 'while')
    const { warnings, written } = await execute(tinyOptions(folder), (event) => {
      if (event.type === 'step' && event.step === 7) fill()
      if (event.type === 'step' && event.step === 12) rmSync(filler)
    })
    expect(warnings).toEqual([
      expect.stringMatching(/cannot write the checkpoint of step 10 .*no space left.* 0 B free/),
    ])
    expect(written).toEqual([5, 15, 20, 24])
    expect(newest(folder)).toEqual(newest(undisturbed))
    expect(losses(folder)).toEqual(losses(undisturbed))
    rmSync(folder, { recursive: true })
  })

  it('that stays full ends the run; with room again it goes on', async () => {
    await reference
    const folder = join(small, 'stays')
    const running = execute(tinyOptions(folder), (event) => {
      if (event.type === 'step' && event.step === 7) fill()
    })
    await expect(running).rejects.toMatchObject({ code: 'train_checkpoint_unwritten' })
    expect(checkpoints(folder)).toEqual(['step-000000005.safetensors'])
    rmSync(filler)
    await execute(tinyOptions(folder))
    expect(newest(folder)).toEqual(newest(undisturbed))
    expect(losses(folder)).toEqual(losses(undisturbed))
    rmSync(folder, { recursive: true })
  })

  it('that is full from the start is known before the first step', async () => {
    fill()
    const steps: unknown[] = []
    const running = execute(tinyOptions(join(small, 'start')), (event) => void steps.push(event))
    await expect(running).rejects.toMatchObject({ code: 'train_folder_unusable' })
    expect(steps).toEqual([])
    rmSync(filler)
  })
})

describe('a folder that cannot be written to', () => {
  it.each(['EACCES', 'EROFS', 'EIO'])('is known before the first step: %s', async (code) => {
    const folder = newFolder()
    const { writeFileSync: write } = fs
    vi.spyOn(fs, 'writeFileSync').mockImplementation((path, ...rest) => {
      if (String(path).includes('checkpoints')) throw Object.assign(new Error(`${code}: injected`), { code })
      write(path, ...rest)
    })
    syncBuiltinESMExports()
    await expect(train(defineRun(tinyOptions(folder)))).rejects.toMatchObject({
      code: 'train_folder_unusable',
      message: `cannot use the run folder ${folder}: ${code}: injected`,
    })
    expect(readdirSync(folder)).toEqual(['checkpoints'])
  })

  it('is known when there is a file in its place', async () => {
    const folder = newFolder()
    writeFileSync(folder, 'no folder')
    await expect(train(defineRun(tinyOptions(folder)))).rejects.toMatchObject({
      code: 'train_folder_unusable',
    })
  })
})

it('a checkpoint that may not be read now is not taken for a damaged one', async () => {
  const folder = newFolder()
  await execute(tinyOptions(folder))
  const path = join(folder, 'checkpoints', 'step-000000024.safetensors')
  const { openSync } = fs
  vi.spyOn(fs, 'openSync').mockImplementation((at, ...rest) => {
    if (at === path) throw Object.assign(new Error('EACCES: injected'), { code: 'EACCES' })
    return openSync(at, ...rest)
  })
  syncBuiltinESMExports()
  await expect(execute(tinyOptions(folder))).rejects.toMatchObject({ code: 'tensor_file_unreadable' })
  expect(checkpoints(folder)).toEqual(['step-000000020.safetensors', 'step-000000024.safetensors'])
})
