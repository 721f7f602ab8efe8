/** Speculative decoding changes the speed and nothing else. */

import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GenerateRequest, LlamaEngineOptions, StepReport } from '@hadal/engine'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { tokens, writeTinyModel } from './tiny-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-draft-'))
afterAll(() => rmSync(folder, { recursive: true }))

const draft = (name: string, options: Parameters<typeof writeTinyModel>[1]): string => {
  const path = join(folder, `${name}.gguf`)
  writeTinyModel(path, options)
  return path
}
/** `abcd` for ever. */
const cycle = {
  chain: { [tokens.bos]: 97, 97: 98, 98: 99, 99: 100, 100: 97 },
  contextLength: 512,
}
/** Batch-invariant, so that texts can be compared. */
const exact = { batchInvariant: true, maxBatchSize: 4, contextLength: 256 }

const open = (options: Omit<LlamaEngineOptions, 'modelPath'>, seed = 1): OpenEngine =>
  openEngine({ ...exact, ...options }, { contextLength: 512, seed })

/** Without speculation; each output is requested once. */
let plain: OpenEngine
const answers = new Map<string, ReturnType<typeof collect>>()
beforeAll(async () => {
  plain = open({ speculation: 'off' })
  await plain.engine.ready()
})
afterAll(() => plain[Symbol.asyncDispose]())

function plainAnswer(prompt: readonly number[], more: Partial<GenerateRequest>): ReturnType<typeof collect> {
  const key = JSON.stringify([prompt, more])
  const answer = answers.get(key) ?? collect(plain.engine.generate(ask(prompt, more)))
  answers.set(key, answer)
  return answer
}

describe.each([
  { guesses: 'what was said before', options: {} },
  { guesses: 'the model itself', options: { draftModelPath: draft('same', { seed: 1 }) } },
  { guesses: 'a model that says something else', options: { draftModelPath: draft('other', { seed: 2 }) } },
])('speculation with guesses from $guesses', ({ guesses, options }) => {
  let guessing: OpenEngine
  beforeAll(async () => {
    guessing = open({ speculation: 'on', ...options })
    await guessing.engine.ready()
  })
  afterAll(() => guessing[Symbol.asyncDispose]())

  const both = async (prompt: readonly number[], more: Partial<GenerateRequest>) =>
    Promise.all([plainAnswer(prompt, more), collect(guessing.engine.generate(ask(prompt, more)))])
  const prompts = [0, 1, 2, 3].map((seed) =>
    Array.from({ length: 20 + seed * 9 }, (_, at) => (at * 31 + seed * 57) % (seed === 0 ? 5 : 251)),
  )

  it('leaves greedy text as it is, and its log-probabilities', async () => {
    for (const prompt of prompts) {
      const [without, withGuesses] = await both(prompt, { maxTokens: 80, ignoreEos: true, topLogprobs: 2 })
      expect(withGuesses!.text).toBe(without!.text)
      expect(withGuesses!.tokens).toEqual(without!.tokens)
      expect(withGuesses!.usage.completionTokens).toBe(80)
    }
  })

  it('leaves drawn text as it is: one draw for each token, from the same logits', async () => {
    for (const [seed, prompt] of prompts.entries()) {
      const sampling = { temperature: 0.9, topK: 40, topP: 0.95, repeatPenalty: 1.1, seed }
      const [without, withGuesses] = await both(prompt, { maxTokens: 60, ignoreEos: true, sampling })
      expect(withGuesses!.text).toBe(without!.text)
    }
  })

  it('leaves it as it is in company', async () => {
    const more = { maxTokens: 50, ignoreEos: true } as const
    const collectAll = ({ engine }: OpenEngine) =>
      Promise.all(prompts.map((prompt) => collect(engine.generate(ask(prompt, more)))))
    const [without, withGuesses] = [await collectAll(plain), await collectAll(guessing)]
    expect(withGuesses.map(({ text }) => text)).toEqual(without.map(({ text }) => text))
  })

  it('ends where it would: by tokens, by stop texts, by the context, by a grammar', async () => {
    for (const maxTokens of [1, 2, 3, 7, 9]) {
      const [without, withGuesses] = await both(prompts[0]!, { maxTokens, ignoreEos: true })
      expect(withGuesses!.usage.completionTokens).toBe(maxTokens)
      expect(withGuesses!.text).toBe(without!.text)
    }
    const [whole] = await both(prompts[0]!, { maxTokens: 60, ignoreEos: true })
    const stop = [[...whole!.text].slice(17, 19).join('')]
    const [without, withGuesses] = await both(prompts[0]!, { maxTokens: 60, ignoreEos: true, stop })
    expect(withGuesses).toMatchObject({ text: without!.text, finishReason: 'stop', stopString: stop[0] })
    const [full, fullToo] = await both(prompts[1]!, { ignoreEos: true })
    expect(fullToo).toMatchObject({ text: full!.text, finishReason: 'length' })
    const grammar = { gbnf: 'root ::= "one two one two " [a-z] [a-z] [a-z] " one two"' }
    const [ruled, ruledToo] = await both(prompts[2]!, { maxTokens: 60, grammar })
    expect(ruledToo!.text).toMatch(/^one two one two [a-z]{3} one two$/)
    expect(ruledToo!.text).toBe(ruled!.text)
  })

  it('uses what a sequence left, without what was guessed wrong', async () => {
    const first = await both(prompts[3]!, { maxTokens: 40, ignoreEos: true, stop: [] })
    const said = [...prompts[3]!, ...Buffer.from(first[0]!.text, 'utf8')]
    const again = await both(said, { maxTokens: 40, ignoreEos: true })
    expect(again[1]!.text).toBe(again[0]!.text)
  })

  it('goes on for others when one leaves in the middle', async () => {
    const leaving = prompts.slice(1).map(async (prompt) => {
      for await (const event of guessing.engine.generate(ask(prompt, { ignoreEos: true })))
        if (event.type === 'delta' && event.tokenCount > 0) break
    })
    const [without, withGuesses] = await both(prompts[0]!, { maxTokens: 70, ignoreEos: true })
    await Promise.all(leaving)
    expect(withGuesses!.text).toBe(without!.text)
  })

  it('reports the numbers of draft and accepted tokens', async () => {
    const [without, withGuesses] = await both(prompts[0]!, { maxTokens: 60, ignoreEos: true })
    expect(without!.usage).not.toHaveProperty('draftTokens')
    const { draftTokens = 0, acceptedDraftTokens = -1 } = withGuesses!.usage
    expect(acceptedDraftTokens).toBeLessThanOrEqual(draftTokens)
    if (guesses === 'the model itself') expect(acceptedDraftTokens).toBeGreaterThan(40)
  })
})

describe('speculation', () => {
  it('checks several tokens a step where a text repeats itself', async () => {
    await using repeating = openEngine({ ...exact, speculation: 'on' }, cycle)
    const reports: StepReport[] = []
    repeating.engine.onStep((report) => reports.push(report))
    const answer = await collect(repeating.engine.generate(ask([tokens.bos], { maxTokens: 100 })))
    expect(answer.text).toBe('abcd'.repeat(25))
    expect(answer.usage.acceptedDraftTokens).toBeGreaterThan(70)
    const drafts = reports.flatMap((report) => report.drafts ?? [])
    expect(drafts.reduce((sum, each) => sum + each.accepted, 0)).toBe(answer.usage.acceptedDraftTokens)
    expect(drafts.reduce((sum, each) => sum + each.tokens, 0)).toBe(answer.usage.draftTokens)
    expect(reports.length).toBeLessThan(40)
  })

  it('works where sequences share cells', async () => {
    await using repeating = openEngine(
      {
        speculation: 'on',
        batchInvariant: false,
        maxBatchSize: 4,
        contextLength: 512,
        kvCacheBytes: 700_000,
      },
      cycle,
    )
    await repeating.engine.ready()
    expect(repeating.engine.choices.join()).toMatch(/kv cells: \d+ shared/)
    const texts = await Promise.all(
      [60, 90, 120, 75].map((maxTokens) =>
        collect(repeating.engine.generate(ask([tokens.bos], { maxTokens }))),
      ),
    )
    for (const { text } of texts) expect('abcd'.repeat(30)).toContain(text)
    expect(texts.map(({ text }) => text.length)).toEqual([60, 90, 120, 75])
    expect(repeating.engine.snapshot().kvCacheUsage).toBe(0)
  })

  it('is off by default where results must be batch-invariant, and on when requested', async () => {
    await using auto = open({ speculation: 'auto' })
    await auto.engine.ready()
    expect(auto.engine.choices).toContainEqual(expect.stringMatching(/^speculation: off/))
    await using requested = open({ speculation: 'on' })
    await requested.engine.ready()
    expect(requested.engine.choices).toContainEqual(expect.stringMatching(/^speculation: 8 tokens/))
  })

  it('measures whether it pays, and draws the same meanwhile', async () => {
    await using auto = openEngine({ ...exact, batchInvariant: false, speculation: 'auto' }, cycle)
    const answers = await Promise.all(
      [1, 2, 3].map(() => collect(auto.engine.generate(ask([tokens.bos], { maxTokens: 200 })))),
    )
    for (const { text } of answers) expect(text).toBe('abcd'.repeat(50))
  })

  it('refuses a draft model of another vocabulary', async () => {
    const draftModelPath = fileURLToPath(new URL('../../../../models/nano/nano-q8_0.gguf', import.meta.url))
    await using requested = open({ speculation: 'on', draftModelPath })
    await expect(requested.engine.ready()).rejects.toMatchObject({
      code: 'draft_model_unfit',
      message: expect.stringMatching(/4096 tokens, not 261/),
    })
  })

  it('refuses a draft model that is broken, or missing', async () => {
    const path = draft('cut', {})
    truncateSync(path, 3000)
    await using broken = open({ speculation: 'on', draftModelPath: path })
    await expect(broken.engine.ready()).rejects.toMatchObject({ code: 'model_unusable' })
    await using missing = open({ speculation: 'on', draftModelPath: join(folder, 'none.gguf') })
    await expect(missing.engine.ready()).rejects.toMatchObject({ code: expect.stringMatching(/^model_/) })
  })
})
