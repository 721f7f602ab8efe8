/** Cell management when several requests compete for cells: regression tests, each named for what broke. */

import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLlamaEngine, type GenerateRequest, type LlamaEngineOptions } from '@hadal/engine'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Answer, ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { type TinyModelOptions, writeTinyModel } from './tiny-model.ts'

/** Random greedy text must not hit the end-of-text token by chance. */
const long = { ignoreEos: true } as const
/** The tiny model: two bytes for each of 32 numbers, keys and values, 3 layers, 2 heads. */
const bytesPerCell = 3 * 2 * 32 * 2 * 2
const common = (cells: number): Partial<LlamaEngineOptions> => ({ kvCacheBytes: cells * bytesPerCell })

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

async function started(options: Omit<LlamaEngineOptions, 'modelPath'>, model: TinyModelOptions = {}) {
  open = openEngine({ speculation: 'off', contextLength: 512, ...options }, model)
  const { engine } = open
  await engine.ready()
  const generate = (prompt: string, more: Partial<GenerateRequest> = {}): Promise<Answer> =>
    collect(engine.generate(ask(prompt, { ...long, maxTokens: 5, ...more })))
  return { engine, generate }
}

/** A text of this many tokens of the tiny model, unique by its start. */
const text = (name: string, length: number): string =>
  `${name}: ${`${name} goes on like this, and `.repeat(30)}`.slice(0, length)

describe('cells of their own', () => {
  it('are not overwritten from host memory before they were copied to another slot', async () => {
    const { generate } = await started({ maxBatchSize: 2, batchInvariant: true })
    const [x, y, z] = [text('x', 330), text('y', 330), text('z', 330)]
    const wanted = `${x.slice(0, 200)} but ends otherwise`
    const alone = await generate(wanted, { reusePrefix: false, maxTokens: 30 })
    await generate(y)
    for (let use = 0; use < 4; use += 1) await generate(x)
    await generate(z)
    await generate('short')
    const [copied, restored] = await Promise.all([
      generate(wanted, { maxTokens: 30 }),
      generate(`${y} and more`),
    ])
    expect([copied.usage.cachedTokens, restored.usage.cachedTokens].every((cached) => cached > 190)).toBe(
      true,
    )
    expect(copied.text).toBe(alone.text)
  })
})

describe('common cells', () => {
  it('that hold more than what a prompt begins with do not keep it waiting for ever', async () => {
    const { engine, generate } = await started({ maxBatchSize: 2, ...common(512) })
    expect(engine.choices).toContainEqual(expect.stringMatching(/^kv cells: 512 shared/))
    const kept = text('kept', 450)
    await generate(kept)
    const answer = await generate(`${kept.slice(0, 100)}${text('other', 350)}`)
    expect(answer.usage.cachedTokens).toBeGreaterThan(90)
    expect(answer.tokenCount).toBe(5)
  })
})

describe('beginnings in a common pool', () => {
  it('go to host memory when others take their places', async () => {
    const { engine, generate } = await started({ maxBatchSize: 20, ...common(8192) })
    expect(engine.choices).toContainEqual(expect.stringMatching(/^kv cells: 8192 shared/))
    // More than there are cache slots, although cells would hold more.
    for (let at = 0; at < 20; at += 1) await generate(text(`${at}`, 300), { maxTokens: 2 })
    const again = await generate(text('0', 300), { maxTokens: 2 })
    expect(again.usage.cachedTokens).toBeGreaterThan(250)
  })
})

describe('guesses', () => {
  it('take no cells that those need of whom nothing is guessed', async () => {
    const options = { maxBatchSize: 6, ...common(768), speculation: 'on', draftTokens: 8 } as const
    const { engine, generate } = await started(options)
    expect(engine.choices).toContainEqual(expect.stringMatching(/^kv cells: 768 shared/))
    // Either every token occurred before, so that there is always a draft, or almost none did.
    const bytes = Array.from({ length: 250 }, (_, at) => String.fromCharCode(at % 120)).join('')
    const prompts = [bytes, 'a', 'b', 'c', 'd', 'e']
    for (let round = 0; round < 4; round += 1) {
      const all = prompts.map((prompt, at) => generate(`${prompt}${round}`, { maxTokens: 150 + 7 * at }))
      expect((await Promise.all(all)).map(({ tokenCount }) => tokenCount)).toEqual(
        prompts.map((_, at) => 150 + 7 * at),
      )
    }
    expect(engine.snapshot()).toMatchObject({ running: 0, kvCacheUsage: 0, restarts: 0 })
  })
})

describe('a preempted request', () => {
  it('does not wait for ever behind those who come later', async () => {
    const { engine, generate } = await started({
      maxBatchSize: 1,
      batchInvariant: true,
      priorityAgingMillis: 20,
    })
    let preemptions = 0
    engine.onStep((step) => {
      preemptions += step.preemptions ?? 0
    })
    let goesOn = true
    // Always two: one running, and one that takes the slot when it ends.
    const urgent = Array.from({ length: 2 }, async () => {
      while (goesOn) await generate('now', { maxTokens: 20, priority: 0 })
    })
    const patient = await generate('patient', { maxTokens: 100, priority: 1 })
    goesOn = false
    await Promise.all(urgent)
    expect(patient.tokenCount).toBe(100)
    // After this wait it is as urgent as they are.
    expect(preemptions).toBeLessThan(10)
  })

  it('produces identical output, or is not preempted, without host memory in batch-invariant mode', async () => {
    const options = { maxBatchSize: 1, batchInvariant: true, hostCacheBytes: 0 }
    // With these weights, other kernels compute several rows than a single one.
    const { engine, generate } = await started(options, { type: 'F32' })
    const requested = { maxTokens: 200, reusePrefix: false, topLogprobs: 0 }
    const alone = await generate('patient', requested)
    const patient = generate('patient', { ...requested, priority: 1 })
    await expect.poll(() => engine.snapshot().slots[0]!.generatedTokens, { interval: 1 }).toBeGreaterThan(20)
    await generate('now', { maxTokens: 3, priority: 0 })
    // Bit for bit.
    expect((await patient).tokens).toEqual(alone.tokens)
  })

  it('reports no prompt progress once it has emitted text', async () => {
    const { engine } = await started({ maxBatchSize: 1, hostCacheBytes: 0, batchInvariant: false })
    const request = ask('patient', { ...long, maxTokens: 200, priority: 1, reportsProgress: true })
    const reported: string[] = []
    let urgent: Promise<Answer> | undefined
    for await (const { type } of engine.generate(request)) {
      reported.push(type)
      if (reported.length > 20)
        urgent ??= collect(engine.generate(ask('now', { ...long, maxTokens: 3, priority: 0 })))
    }
    await urgent
    expect(reported.lastIndexOf('progress')).toBeLessThan(reported.indexOf('delta'))
  })
})

describe('one that is more urgent', () => {
  it('takes no place in which it would wait for a beginning that another one computes', async () => {
    const { engine, generate } = await started({
      maxBatchSize: 2,
      maxBatchTokens: 64,
      maxPrefillTokensWhileDecoding: 8,
      batchInvariant: true,
    })
    let preemptions = 0
    engine.onStep((step) => {
      preemptions += step.preemptions ?? 0
    })
    const prefix = text('shared', 450)
    const patient = generate('patient', { maxTokens: 400, priority: 5 })
    await expect.poll(() => engine.snapshot().slots[0]!.generatedTokens, { interval: 1 }).toBeGreaterThan(0)
    const computing = generate(`${prefix} one`, { maxTokens: 3 })
    await expect
      .poll(() => engine.snapshot().slots.some(({ promptTokens }) => promptTokens > 400), { interval: 1 })
      .toBe(true)
    const waiting = await generate(`${prefix} two`, { maxTokens: 3, priority: 0 })
    expect(waiting.usage.cachedTokens).toBeGreaterThan(400)
    await Promise.all([patient, computing])
    expect(preemptions).toBeLessThan(2)
  })

  it('gets the cells of as many as it takes', async () => {
    const { engine, generate } = await started({ maxBatchSize: 3, ...common(768) })
    expect(engine.choices).toContainEqual(expect.stringMatching(/^kv cells: 768 shared/))
    const ended: number[] = []
    const patient = [1, 2, 3].map(async (priority) => {
      await generate(text(`${priority}`, 150), { maxTokens: 330, priority })
      ended.push(priority)
    })
    await expect
      .poll(() => engine.snapshot().slots.filter(({ generatedTokens }) => generatedTokens > 20).length, {
        interval: 1,
      })
      .toBe(3)
    await generate(text('now', 480), { maxTokens: 3, priority: 0 })
    expect(ended).toEqual([])
    await Promise.all(patient)
    expect(engine.snapshot()).toMatchObject({ running: 0, kvCacheUsage: 0, restarts: 0 })
  })
})

describe('beginnings on disk', () => {
  it('that the library does not take are computed', async () => {
    const snapshotDir = mkdtempSync(join(tmpdir(), 'hadal-snapshots-'))
    onTestFinished(() => rmSync(snapshotDir, { recursive: true }))
    const folder = mkdtempSync(join(tmpdir(), 'hadal-model-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const modelPath = join(folder, 'tiny.gguf')
    writeTinyModel(modelPath, {})
    const options = { modelPath, threads: 1, maxBatchSize: 1, contextLength: 512, snapshotDir } as const
    const kept = (): string[] =>
      readdirSync(snapshotDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.kv'))
    const prefix = text('shared', 100)
    const life = async (count: number): Promise<Answer[]> => {
      await using engine = createLlamaEngine(options)
      await engine.ready()
      const answers: Answer[] = []
      for (let at = 0; at < count; at += 1)
        answers.push(await collect(engine.generate(ask(`${prefix} ${at} asks`, { ...long, maxTokens: 3 }))))
      if (count > 1) await expect.poll(kept).toHaveLength(1)
      expect(engine.snapshot().restarts).toBe(0)
      return answers
    }
    const [first] = await life(5)
    const path = join(snapshotDir, kept()[0]!)
    const file = readFileSync(path)
    // "hadalkv1", the number of tokens, and the tokens; then llama.cpp's magic, the sequence, and the number of streams.
    const state = 12 + 4 * file.readUInt32LE(8)
    file.writeUInt32LE(77, state + 8)
    const body = file.subarray(0, -32)
    writeFileSync(path, Buffer.concat([body, createHash('sha256').update(body).digest()]))
    const [again] = await life(1)
    expect(again!.usage.cachedTokens).toBe(0)
    expect(again!.text).toBe(first!.text)
  })
})
