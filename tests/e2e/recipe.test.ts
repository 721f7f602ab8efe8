/** From text to tokens: the quick form of the nano recipe trains a model from nothing, and `hadal serve` serves what came out. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, expect, it } from 'vitest'
import { root, serve } from './hadal-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-recipe-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('recipes/nano --quick trains, exports, and is served', async () => {
  const out = join(folder, 'model')
  const trained = spawnSync(
    process.execPath,
    [
      '--conditions=@hadal/source',
      '--import',
      'tsx',
      'recipes/nano/train.ts',
      '--quick',
      '--run',
      join(folder, 'run'),
      '--out',
      out,
    ],
    { cwd: root, encoding: 'utf8' },
  )
  expect(trained.stderr).toContain('held-out loss')
  expect(trained.status).toBe(0)

  const { hadal, url } = await serve('--model', join(out, 'nano-quick-q8_0.gguf'))
  await using _ = hadal
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused' })
  const answer = await client.chat.completions.create({
    model: 'nano-quick-q8_0',
    messages: [{ role: 'user', content: 'Hello!' }],
    max_tokens: 16,
  })
  expect(answer.usage!.completion_tokens).toBeGreaterThan(0)
})
