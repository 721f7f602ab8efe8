import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCheckpoint, loadTokenizer, type ModelConfig } from '@hadal/nn'
import { scope, setNumThreads } from '@hadal/tensor'
import { openRecipe, type Run, readPeft, type SaidSettings, type TrainEvent, train } from '@hadal/train'
import { afterAll, expect, it } from 'vitest'
import recipe from './run.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-fine-tune-'))
afterAll(() => rmSync(root, { recursive: true }))

const short: SaidSettings = {
  'schedule.totalSteps': 4,
  'schedule.warmupSteps': 1,
  'evaluate.everySteps': 2,
  'batch.windows': 2,
}

async function runRecipe(
  folder: string,
  args: string[] = [],
  more: SaidSettings = {},
): Promise<{ run: Run; events: TrainEvent[] }> {
  const said = { ...short, ...more, folder: join(root, folder) }
  const { run, listeners } = await openRecipe(recipe, 'run.ts', { said, args, issues: [] })
  const events: TrainEvent[] = []
  await train(run, { listeners: [(event) => void events.push(event), ...listeners] })
  return { run, events }
}

it('trains on sums, shows answers, and leaves a model that it can be started with again', async () => {
  const { run, events } = await runRecipe('fresh')
  expect(events.at(-1)).toMatchObject({ type: 'finished', step: 4 })
  expect(events.find(({ type }) => type === 'sampled')).toMatchObject({
    prompt: expect.stringContaining('What is 7 plus 8?'),
  })
  const model = join(root, 'fresh/model')
  expect(scope(() => loadCheckpoint(model).plan.issues)).toEqual([])
  expect(loadTokenizer(model).template).toContain('<|im_start|>')

  const data = join(root, 'chats.jsonl')
  const rows = Array.from({ length: 60 }, (_, i) => ({
    messages: [
      { role: 'user', content: `Say ${i}` },
      { role: 'assistant', content: `${i}!` },
    ],
  }))
  writeFileSync(data, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const args = ['--model', model, '--data', data, '--length', '64', '--ask', 'Say 9']
  const tuned = await runRecipe('tuned', args)
  expect(tuned.run.model).toMatchObject({
    hidden_size: 64,
    vocab_size: (run.model as ModelConfig).vocab_size,
  })
  expect(tuned.run.startFrom!.size).toBeGreaterThan(10)
  expect(tuned.run.schedule.peak).toBe(2e-5)
  expect(scope(() => loadCheckpoint(join(root, 'tuned/model')).plan.issues)).toEqual([])

  const adapted = await runRecipe('adapted', args, { 'adapter.rank': 2 })
  expect(adapted.run.adapter).toEqual({ rank: 2 })
  const { model: whole, plan } = scope(() => loadCheckpoint(join(root, 'adapted/model')))
  expect([plan.issues, plan.unneeded]).toEqual([[], []])
  expect(whole.config).toMatchObject({ hidden_size: 64 })
  const { adapter, baseModel, weights } = readPeft(join(root, 'adapted/adapter'))
  expect([adapter.rank, baseModel, weights.size]).toEqual([2, model, 2 * 7 * 2])
})

it('leaves its model also where no best checkpoints are kept, and the one it began with names no eos_token', async () => {
  const model = join(root, 'no-eos')
  cpSync(join(root, 'fresh/model'), model, { recursive: true })
  const path = join(model, 'tokenizer_config.json')
  const { eos_token: _, ...rest } = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(path, JSON.stringify({ ...rest, bos_token: '<|begin|>' }))
  const args = ['--model', model, '--data', join(root, 'chats.jsonl'), '--length', '64']
  const { events } = await runRecipe('newest', args, { 'checkpoint.best': 0 })
  expect(events.at(-1)).toMatchObject({ type: 'finished' })
  expect(scope(() => loadCheckpoint(join(root, 'newest/model')).plan.issues)).toEqual([])
  expect(loadTokenizer(join(root, 'newest/model')).eosToken).toBe('<|endoftext|>')
})
