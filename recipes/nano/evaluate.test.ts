// Against Hadal's own server over a fake engine: what is asked, how, and what is written down.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeEngine, type FakeEngine, type GenerateRequest } from '@hadal/engine'
import { createServer } from '@hadal/server'
import { expect, it, onTestFinished } from 'vitest'
import { evaluate } from './evaluate.ts'
import { sampleQuestions } from './evaluation/samples.ts'

const said = (...turns: string[]): { role: string; content: string }[] =>
  turns.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content }))
const heldOut = [
  { messages: said('2 + 2?', '2 plus 2 is 4.'), kind: 'add', answer: 'is 4.', heldOut: 'fact' },
  {
    messages: said('Hello', 'Hi!', 'What is ice?', 'Ice is frozen water.'),
    kind: 'define',
    answer: 'frozen water',
    heldOut: 'phrasing',
  },
]
const training = [
  { messages: said('what is 17 + 26?', '17 plus 26 is 43.', 'what is ice?', 'It is cold.'), kind: 'define' },
]

async function setUp(reply: (request: GenerateRequest, prompt: string) => string): Promise<{
  engine: FakeEngine
  url: string
  dataFolder: string
}> {
  const engine = createFakeEngine({ reply, model: { id: 'nano' } })
  const server = createServer({ engines: [engine] })
  const dataFolder = mkdtempSync(join(tmpdir(), 'nano-evaluate-'))
  onTestFinished(async () => {
    await server.close()
    rmSync(dataFolder, { recursive: true })
  })
  const write = (name: string, lines: readonly object[]): void =>
    writeFileSync(join(dataFolder, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  write('chat.valid.jsonl', heldOut)
  write('chat.jsonl', training)
  return { engine, url: (await server.listen()).url, dataFolder }
}

it('asks every held-out conversation up to its last question, greedily, and scores the replies', async () => {
  const { engine, url, dataFolder } = await setUp((_, prompt) =>
    prompt.includes('ice') ? 'Ice is frozen water.' : 'I do not know that.',
  )
  const { model, data, kinds, mistakes, formFaults } = await evaluate({ url, dataFolder })
  expect(model).toBe('nano')
  expect(data).toMatchObject({ available: 2, asked: 2, wordedAsInTraining: 1 })
  expect(kinds).toEqual({
    add: { fact: { asked: 1, checked: 1, right: 0, wellFormed: 1 } },
    define: { phrasing: { asked: 1, checked: 1, right: 1, wellFormed: 1 } },
  })
  expect(mistakes).toHaveLength(1)
  expect(formFaults).toEqual({})
  expect(engine.seen.every(({ request }) => request.sampling.temperature === 0)).toBe(true)
  const asked = engine.seen.map(({ prompt }) => prompt).find((each) => each.includes('ice'))!
  expect(asked).toContain('Hi!')
  expect(asked).not.toContain('frozen')
})

it('holds the ten conversations, the model’s own replies in them', async () => {
  const { engine, url, dataFolder } = await setUp((_, prompt) => `Reply to ${prompt.length} characters.`)
  const { samples } = await evaluate({ url, dataFolder })
  expect(samples.map((turns) => turns.map(({ question }) => question))).toEqual(sampleQuestions)
  const long = samples.find((turns) => turns.length > 1)!
  const last = engine.seen.map(({ prompt }) => prompt).find((each) => each.includes(long.at(-1)!.question))
  expect(last).toContain(long[0]!.reply)
  const flagged = samples.flat().filter(({ inTraining }) => inTraining)
  expect(flagged.map(({ question }) => question)).toEqual(['What is 17 + 26?'])
})

it('asks as many as the limit says', async () => {
  const { url, dataFolder } = await setUp(() => 'Yes.')
  const answered: number[] = []
  const { data, total } = await evaluate({
    url,
    dataFolder,
    limit: 1,
    onProgress: (count) => answered.push(count),
  })
  expect(data).toMatchObject({ available: 2, asked: 1 })
  expect(total).toEqual({ fact: { asked: 1, checked: 1, right: 0, wellFormed: 1 } })
  expect(answered).toEqual([1])
})
