/** A dual encoder run killed in the middle of a step and restarted ends bit-identically to an uninterrupted one. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { newestWeights, readMetrics } from '@hadal/train'
import { afterAll, expect, it } from 'vitest'
import { programFile } from '../../../kernel/base/test/program-file.ts'

const root = mkdtempSync(join(tmpdir(), 'hadal-towers-kill-'))
afterAll(() => rmSync(root, { recursive: true }))
const program = programFile(import.meta.url, './tower-program.ts')

/** Waits until it ends, or kills itself right after printing `last`; returns its output. */
async function executed(
  folder: string,
  last?: string,
): Promise<{ lines: string[]; signal: string | null }> {
  const child = spawn(process.execPath, [program, folder, ...(last === undefined ? [] : [last])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { lines, signal }
}

it('resumes to the bit after SIGKILL', async () => {
  const [whole, parts] = [join(root, 'whole'), join(root, 'parts')]
  const uninterrupted = await executed(whole)
  expect(uninterrupted.lines.at(-1)).toBe('checkpoint 24')
  expect((await executed(parts, 'step 8')).signal).toBe('SIGKILL')
  expect((await executed(parts, 'checkpoint 15')).signal).toBe('SIGKILL')
  const { lines } = await executed(parts)
  expect(lines[0]).not.toBe('step 1')
  expect(lines.at(-1)).toBe('checkpoint 24')
  expect(newestWeights(parts)).toEqual(newestWeights(whole))
  const reported = (folder: string) =>
    readMetrics(join(folder, 'metrics.jsonl')).map(({ step, loss, validLoss, measures }) => ({
      step,
      loss,
      validLoss,
      measures,
    }))
  expect(reported(parts)).toEqual(reported(whole))
})
