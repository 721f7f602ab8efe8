import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openGguf } from '@hadal/formats'
import { readMetrics } from '@hadal/train'
import { afterAll, expect, it } from 'vitest'
import { quickData, writeData } from './data/build.ts'
import { quickSize } from './sizes.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-nano-'))
afterAll(() => rmSync(folder, { recursive: true }))

const script = fileURLToPath(new URL('./train.ts', import.meta.url))
const train = (...flags: string[]): Promise<{ stderr: string }> =>
  promisify(execFile)(process.execPath, [
    // What is built, before tsx, which would look at each of its modules.
    '--import',
    import.meta.resolve('@hadal/train'),
    '--import',
    import.meta.resolve('tsx'),
    script,
    '--quick',
    ...['--threads', '1', '--data', join(folder, 'data'), '--run', join(folder, 'run')],
    ...['--out', join(folder, 'out'), ...flags],
  ])

it('goes from text to a chat model in GGUF, and has nothing left to do the second time', async () => {
  writeData(quickData(), join(folder, 'data'), true)
  const { stderr } = await train()
  expect(stderr).toMatch(/held-out loss: \d\.\d+ on text, \d\.\d+ on answers/)

  for (const stage of ['pretrain', 'chat'] as const) {
    const metrics = readMetrics(join(folder, 'run', stage, 'metrics.jsonl'))
    const held = metrics.flatMap(({ validLoss }) => (validLoss === undefined ? [] : [validLoss]))
    expect(metrics.at(-1)!.step).toBe(quickSize.steps![stage])
    expect(held.at(-1)!).toBeLessThan(held[0]! - 0.1)
  }
  using gguf = openGguf(join(folder, 'out', 'nano-quick-q8_0.gguf'))
  expect(gguf.metadata.get('tokenizer.chat_template')?.value).toContain('<|im_start|>')
  expect(gguf.tensors.get('token_embd.weight')?.type).toBe('Q8_0')

  const again = await train()
  expect(again.stderr).toContain('resumes after step')
  expect(again.stderr).not.toMatch(/^step /m)
})
