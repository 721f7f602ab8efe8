/** From text to tokens: the quick forms of the nano recipes train a model from nothing, and `hadal serve` serves what came out. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGguf } from '@hadal/formats'
import { readMetrics } from '@hadal/train'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root, serve } from '../../packages/apps/cli/test/hadal-process.ts'
import { runs } from '../../packages/kernel/base/test/slow-tests.ts'
import { quickData, writeData } from '../../recipes/nano/data/build.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-recipe-'))
const data = join(folder, 'data')
/** Of each stage. The quick form takes 250. */
const steps = runs(50, 250)
beforeAll(() => writeData(quickData(), data, true))
afterAll(() => rmSync(folder, { recursive: true }))

/** Returns what the recipe printed. */
function train(recipe: string): string {
  const own = ['--run', '--out'].flatMap((flag) => [flag, join(folder, recipe, flag.slice(2))])
  const { status, stderr } = spawnSync(
    process.execPath,
    // Before tsx, which would look at each of its modules.
    [
      '--import',
      '@hadal/train',
      '--import',
      'tsx',
      `recipes/${recipe}/train.ts`,
      '--quick',
      '--steps',
      String(steps),
      '--threads',
      '1',
      '--data',
      data,
      ...own,
    ],
    { cwd: root, encoding: 'utf8' },
  )
  expect({ status, stderr }).toMatchObject({ status: 0 })
  return stderr
}

it.each(['nano', 'nano-deepseek'])('recipes/%s --quick trains, exports, and is served', async (recipe) => {
  expect(train(recipe)).toMatch(/held-out loss: \d\.\d+ on text, \d\.\d+ on answers/)
  for (const stage of ['pretrain', 'chat'] as const) {
    const metrics = readMetrics(join(folder, recipe, 'run', stage, 'metrics.jsonl'))
    const held = metrics.flatMap(({ validLoss }) => (validLoss === undefined ? [] : [validLoss]))
    expect(metrics.at(-1)!.step).toBe(steps)
    expect(held.at(-1)!).toBeLessThan(held[0]! - 0.1)
  }
  const model = join(folder, recipe, 'out', `${recipe}-quick-q8_0.gguf`)
  using gguf = openGguf(model)
  expect(gguf.metadata.get('tokenizer.chat_template')?.value).toContain('<|im_start|>')
  expect(gguf.tensors.get('token_embd.weight')?.type).toBe('Q8_0')

  const { hadal, url } = await serve('--model', model)
  await using _ = hadal
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused' })
  const answer = await client.chat.completions.create({
    model: `${recipe}-quick-q8_0`,
    messages: [{ role: 'user', content: 'Hello!' }],
    max_tokens: 16,
  })
  expect(answer.usage!.completion_tokens).toBeGreaterThan(0)
})

it('a recipe that has finished has nothing left to do', () => {
  const again = train('nano')
  expect(again).toContain('resumes after step')
  expect(again).not.toMatch(/^step /m)
})
