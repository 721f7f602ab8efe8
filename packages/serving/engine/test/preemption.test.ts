import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLlamaEngine, type GenerateRequest, type LlamaEngineOptions } from '@hadal/engine'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Answer, ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { writeTinyModel } from './tiny-model.ts'

/** Random greedy text must not hit the end-of-text token by chance. */
const long = { ignoreEos: true } as const
/** The tiny model: two bytes for each of 32 numbers, keys and values, 3 layers, 2 heads. */
const bytesPerCell = 3 * 2 * 32 * 2 * 2

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

async function started(options: Omit<LlamaEngineOptions, 'modelPath'>) {
  open = openEngine({ speculation: 'off', ...options })
  const { engine } = open
  await engine.ready()
  let preemptions = 0
  engine.onStep((step) => {
    preemptions += step.preemptions ?? 0
  })
  const generate = (prompt: string, more: Partial<GenerateRequest> = {}) =>
    collect(engine.generate(ask(prompt, { ...long, ...more })))
  return { engine, generate, preemptions: () => preemptions }
}

/** Resolves when `count` sequences are running and have output. */
async function running(engine: OpenEngine['engine'], count: number): Promise<void> {
  await expect
    .poll(() => engine.snapshot().slots.filter(({ generatedTokens }) => generatedTokens > 0).length, {
      interval: 1,
    })
    .toBe(count)
}

const common = (cells: number): Partial<LlamaEngineOptions> => ({ kvCacheBytes: cells * bytesPerCell })

describe('one that is more urgent', () => {
  it.each([
    ['their own', {}],
    ['a common pool', common(1024)],
  ])(
    'takes the place of one at work, which then says the same as alone, in cells of %s',
    async (_, cells) => {
      const { engine, generate, preemptions } = await started({
        maxBatchSize: 2,
        contextLength: 512,
        batchInvariant: cells.kvCacheBytes === undefined,
        ...cells,
      })
      const texts = ['first of two', 'second of two']
      const alone: Answer[] = []
      for (const text of texts) alone.push(await generate(text, { maxTokens: 300, reusePrefix: false }))
      const ended: string[] = []
      const patient = texts.map(async (text) => {
        const answer = await generate(text, { maxTokens: 300, priority: 1, reusePrefix: false })
        ended.push(text)
        return answer
      })
      await running(engine, 2)
      const urgent = await generate('now', { maxTokens: 20, priority: 0 })
      expect(urgent.tokenCount).toBe(20)
      expect(ended).toEqual([])
      const answers = await Promise.all(patient)
      expect(preemptions()).toBe(1)
      expect(answers.map(({ tokenCount }) => tokenCount)).toEqual([300, 300])
      // In a shared pool the order of summation depends on the batch.
      if (cells.kvCacheBytes === undefined)
        expect(answers.map(({ text }) => text)).toEqual(alone.map(({ text }) => text))
      expect(answers.every(({ usage }) => usage.completionTokens === 300)).toBe(true)
      expect(engine.snapshot()).toMatchObject({ running: 0, kvCacheUsage: 0 })
    },
  )

  it('resumes a partial prompt after preemption, with its complete output', async () => {
    const { engine, generate, preemptions } = await started({
      maxBatchSize: 1,
      maxBatchTokens: 16,
      contextLength: 512,
      batchInvariant: true,
    })
    const prompt = 'a prompt that is read in many steps, '.repeat(10)
    const requested = { maxTokens: 5, promptLogprobs: 1, priority: 3 }
    const alone = await generate(prompt, requested)
    const patient = generate(prompt, requested)
    await expect.poll(() => engine.snapshot().slots[0]!.computedTokens).toBeGreaterThan(0)
    await generate('now', { maxTokens: 3 })
    const answer = await patient
    expect(preemptions()).toBe(1)
    expect(answer.prompt).toEqual(alone.prompt)
    expect(answer.text).toBe(alone.text)
  })

  it('preempts no request of equal priority, and none when preemption is disabled', async () => {
    for (const [preemption, priority] of [
      [true, 0],
      [false, 1],
    ] as const) {
      const { engine, generate, preemptions } = await started({
        maxBatchSize: 1,
        contextLength: 256,
        preemption,
      })
      const first = generate('first', { maxTokens: 200, priority })
      await running(engine, 1)
      await generate('second', { maxTokens: 5 })
      expect((await first).tokenCount).toBe(200)
      expect(preemptions()).toBe(0)
      await open![Symbol.asyncDispose]()
      open = undefined
    }
  })

  it('allows a preempted request to be cancelled', async () => {
    const { engine, generate } = await started({ maxBatchSize: 1, contextLength: 512 })
    const leaving = new AbortController()
    const patient = collect(
      engine.generate(ask('patient', { ...long, maxTokens: 400, priority: 1 }), leaving.signal),
    )
    await running(engine, 1)
    const urgent = generate('urgent', { maxTokens: 200 })
    await expect.poll(() => engine.snapshot().slots[0]!.id).not.toBe(undefined)
    leaving.abort()
    expect((await patient).finishReason).toBe('cancelled')
    expect((await urgent).tokenCount).toBe(200)
    expect(engine.snapshot()).toMatchObject({ running: 0, waiting: 0, kvCacheUsage: 0 })
    expect((await generate('after', { maxTokens: 5 })).tokenCount).toBe(5)
  })
})

describe('when common cells run short', () => {
  it.each([
    ['kept in host memory', undefined],
    ['computed again', 0],
  ])('some make way, and all are served in the end: what they held is %s', async (_, hostCacheBytes) => {
    const { engine, generate, preemptions } = await started({
      maxBatchSize: 6,
      contextLength: 256,
      ...common(512),
      ...(hostCacheBytes !== undefined && { hostCacheBytes }),
    })
    expect(engine.choices).toContainEqual(expect.stringMatching(/^kv cells: 512 shared/))
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => generate(`${at} wants to say a lot`, { maxTokens: 150 + at })),
    )
    expect(answers.map(({ tokenCount }) => tokenCount)).toEqual(
      Array.from({ length: 12 }, (_, at) => 150 + at),
    )
    expect(preemptions()).toBeGreaterThan(0)
    expect(engine.snapshot()).toMatchObject({ running: 0, waiting: 0, kvCacheUsage: 0, restarts: 0 })
  })

  it('reserves each request’s maximum cells when preemption is off', async () => {
    const { generate, preemptions, engine } = await started({
      maxBatchSize: 6,
      contextLength: 512,
      preemption: false,
      ...common(768),
    })
    let most = 0
    engine.onStep(({ running }) => {
      most = Math.max(most, running)
    })
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, at) => generate(`${at}`, { maxTokens: 400 })),
    )
    expect(answers.map(({ tokenCount }) => tokenCount)).toEqual([400, 400, 400, 400])
    expect([preemptions(), most]).toEqual([0, 1])
  })
})

describe('beginnings that left their cells', () => {
  const talk = (name: string): string => `${name} says: ${'what was said before, and more of it; '.repeat(9)}`

  it('come back from host memory', async () => {
    const { generate } = await started({ maxBatchSize: 1, contextLength: 512, batchInvariant: true })
    const first = await generate(talk('one'), { maxTokens: 20 })
    await generate(talk('two'), { maxTokens: 20 })
    const again = await generate(talk('one'), { maxTokens: 20 })
    expect(again.usage.cachedTokens).toBe(first.usage.promptTokens - 2)
    expect(again.text).toBe(first.text)
  })

  it('are gone where there is none', async () => {
    const { generate } = await started({ maxBatchSize: 1, contextLength: 512, hostCacheBytes: 0 })
    await generate(talk('one'), { maxTokens: 20 })
    await generate(talk('two'), { maxTokens: 20 })
    expect((await generate(talk('one'), { maxTokens: 20 })).usage.cachedTokens).toBeLessThan(20)
  })

  it('stay in common cells as long as no other needs them', async () => {
    const { generate, engine } = await started({
      maxBatchSize: 4,
      contextLength: 512,
      hostCacheBytes: 0,
      ...common(1024),
    })
    expect(engine.choices).toContainEqual(expect.stringMatching(/^kv cells: \d+ shared/))
    const first = await generate(talk('one'), { maxTokens: 20 })
    const again = await generate(talk('one'), { maxTokens: 20 })
    expect(again.usage.cachedTokens).toBe(first.usage.promptTokens - 1)
    for (const name of ['two', 'three', 'four', 'five']) await generate(talk(name), { maxTokens: 20 })
    // Used twice, it is worth more than later ones.
    const { usage } = await generate(talk('one'), { maxTokens: 20 })
    expect(usage.cachedTokens).toBe(first.usage.promptTokens - 1)
    expect((await generate(talk('two'), { maxTokens: 20 })).usage.cachedTokens).toBeLessThan(20)
    expect(engine.snapshot().kvCacheUsage).toBe(0)
  })

  it.each([
    ['their own', { maxBatchSize: 1, batchInvariant: true }],
    ['a common pool', { maxBatchSize: 4, ...common(1024) }],
  ])('that many share outlive what came after them, in cells of %s', async (_, options) => {
    const { generate } = await started({ contextLength: 512, ...options })
    const system = 'what every one of these prompts begins with, word for word, '.repeat(2)
    for (let at = 0; at < 5; at += 1) await generate(`${system}${at} asks`, { maxTokens: 5 })
    for (let at = 0; at < 8; at += 1)
      await generate(`${at} has nothing to do with it`.repeat(8), { maxTokens: 5 })
    expect((await generate(`${system}at last`, { maxTokens: 5 })).usage.cachedTokens).toBeGreaterThan(100)
  })

  it('that many share are there after a restart of the process, and of the engine', async () => {
    const snapshotDir = mkdtempSync(join(tmpdir(), 'hadal-snapshots-'))
    onTestFinished(() => rmSync(snapshotDir, { recursive: true }))
    const options = { maxBatchSize: 1, contextLength: 512, batchInvariant: true, snapshotDir }
    const folder = mkdtempSync(join(tmpdir(), 'hadal-model-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const modelPath = join(folder, 'tiny.gguf')
    writeTinyModel(modelPath, {})
    const kept = (): string[] =>
      readdirSync(snapshotDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.kv'))
    const system = 'what every one of these prompts begins with, word for word, '.repeat(2)
    const said: string[] = []
    for (const life of [1, 2, 3]) {
      if (life === 3) {
        const [file] = kept()
        truncateSync(join(snapshotDir, file!), 100)
      }
      await using engine = createLlamaEngine({ modelPath, threads: 1, speculation: 'off', ...options })
      await engine.ready()
      const { usage, text } = await collect(
        engine.generate(ask(`${system}at last`, { ...long, maxTokens: 8 })),
      )
      said.push(text)
      if (life === 2) expect(usage.cachedTokens).toBeGreaterThan(100)
      else expect(usage.cachedTokens).toBe(0)
      if (life > 1) continue
      for (let at = 0; at < 5; at += 1)
        await collect(engine.generate(ask(`${system}${at} asks`, { ...long, maxTokens: 3 })))
      await expect.poll(kept).toHaveLength(1)
    }
    expect(said).toEqual([said[0], said[0], said[0]])
  })

  it('are not shared with other owners, and are not saved to disk when dropped', async () => {
    const snapshotDir = mkdtempSync(join(tmpdir(), 'hadal-snapshots-'))
    onTestFinished(() => rmSync(snapshotDir, { recursive: true }))
    const { generate } = await started({ maxBatchSize: 1, contextLength: 512, snapshotDir })
    const system = 'what every one of these prompts begins with, word for word, '.repeat(2)
    for (let at = 0; at < 6; at += 1) await generate(`${system}${at} asks`, { maxTokens: 3, owner: 'me' })
    expect((await generate(`${system}it`, { maxTokens: 3, owner: 'you' })).usage.cachedTokens).toBe(0)
    expect(readdirSync(snapshotDir)).toEqual([])
  })
})
