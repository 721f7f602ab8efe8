/** From text to tokens: the quick forms of the nano recipes train a model from nothing, and `hadal serve` serves what came out. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, expect, it } from 'vitest'
import { root, serve } from '../../packages/apps/cli/test/hadal-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-recipe-'))
afterAll(() => rmSync(folder, { recursive: true }))

it.each(['nano', 'nano-deepseek'])('recipes/%s --quick trains, exports, and is served', async (recipe) => {
  const out = join(folder, recipe, 'model')
  const trained = spawnSync(
    process.execPath,
    [
      // Before tsx, which would look at each of its modules.
      '--import',
      '@hadal/train',
      '--import',
      'tsx',
      `recipes/${recipe}/train.ts`,
      '--quick',
      '--threads',
      '1',
      '--run',
      join(folder, recipe, 'run'),
      '--out',
      out,
    ],
    { cwd: root, encoding: 'utf8' },
  )
  expect(trained.stderr).toContain('held-out loss')
  expect(trained.status).toBe(0)

  const { hadal, url } = await serve('--model', join(out, `${recipe}-quick-q8_0.gguf`))
  await using _ = hadal
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused' })
  const answer = await client.chat.completions.create({
    model: `${recipe}-quick-q8_0`,
    messages: [{ role: 'user', content: 'Hello!' }],
    max_tokens: 16,
  })
  expect(answer.usage!.completion_tokens).toBeGreaterThan(0)
})
