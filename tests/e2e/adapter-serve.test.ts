/**
 * An adapter's whole way: trained beside a frozen model, exported as GGUF, loaded by `hadal serve` while it answers somebody, used,
 * scaled to nothing and unloaded.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  chatTokens,
  createModel,
  type DecoderConfig,
  generateGreedily,
  initializeDecoder,
  type LanguageModel,
  LoraAdapters,
  loraDefaults,
  summedTokenLoss,
  trainBpe,
} from '@hadal/nn'
import { parseMetricsText } from '@hadal/protocol'
import { grad, manualSeed, noGrad, scope, setNumThreads, torch } from '@hadal/tensor'
import { exportGguf, exportGgufAdapter, exportPeft, readPeft, toHost } from '@hadal/train'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HadalProcess, serve } from '../../packages/apps/cli/test/hadal-process.ts'

setNumThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'hadal-adapter-serve-'))
afterAll(() => rmSync(folder, { recursive: true }))

const prompt = 'The sea is'
const lesson = ' deep and dark, and nobody has seen all of it.'
const tokenizer = trainBpe([prompt + lesson], { vocabSize: 290, specialTokens: Object.values(chatTokens) })
const config: DecoderConfig = {
  vocab_size: tokenizer.vocabSize,
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 512,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}
const adapter = { rank: 6, alpha: 9, rankStabilized: true, rankPattern: { down_proj: 3 } }
const tokens = tokenizer.encode(prompt + lesson)
const requested = tokenizer.encode(prompt)
const length = tokens.length - requested.length

/** What a model says after the prompt, as many tokens as the lesson has. */
const says = (model: LanguageModel): string =>
  tokenizer.decode(generateGreedily(model, requested, { maxTokens: length, stop: new Set() }))

/** Follows the signs of the gradients, in ever smaller steps. */
function learn(model: LanguageModel, adapters: LoraAdapters): void {
  const parameters = [...adapters.parameters().values()]
  const steps = 80
  for (let step = 0; step < steps; step += 1)
    scope(() => {
      const inputs = torch.tensor([tokens.slice(0, -1)], { dtype: 'int64' })
      const targets = torch.tensor(tokens.slice(1), { dtype: 'int64' })
      const loss = summedTokenLoss(model.forward(inputs).flatten(0, 1), targets)
      const gradients = grad(loss, parameters)
      noGrad(() => {
        for (const [index, parameter] of parameters.entries())
          parameter.sub_(gradients[index]!.sign(), { alpha: 0.01 * (1 - step / steps) })
      })
    })
}

let hadal: HadalProcess
let url: string
const [basePath, adapterPath] = [join(folder, 'base.gguf'), join(folder, 'lesson.gguf')]
let plain: string
let learnt: string

beforeAll(async () => {
  scope(() => {
    manualSeed(2)
    const model = createModel(config)
    initializeDecoder(model.parameters(), config.num_hidden_layers)
    // The initial deviation gives nearly flat probabilities.
    noGrad(() => {
      for (const weight of model.parameters().values()) if (weight.ndim === 2) weight.mul_(8)
    })
    const weights = toHost(model.parameters())
    plain = says(model)
    const adapters = new LoraAdapters(model, { ...loraDefaults, ...adapter }, 'float32')
    learn(model, adapters)
    learnt = says(model)
    exportGguf(basePath, 'base', { config, weights, tokenizer }, 'F32')
    // By way of PEFT's layout, as adapters come.
    exportPeft(join(folder, 'peft'), { weights: toHost(adapters.parameters()), adapter, baseModel: 'base' })
    exportGgufAdapter(adapterPath, 'lesson', config, readPeft(join(folder, 'peft')))
  })
  ;({ hadal, url } = await serve('--model', basePath, '--adapter-changes'))
})
afterAll(() => hadal[Symbol.asyncDispose]())

const post = (path: string, body: object): Promise<Response> =>
  fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const complete = (more: object = {}): Promise<Response> =>
  post('/v1/completions', {
    model: 'base',
    prompt,
    max_tokens: length,
    temperature: 0,
    ignore_eos: true,
    ...more,
  })
async function answer(more: object = {}): Promise<string> {
  const body = (await (await complete(more)).json()) as { choices: readonly [{ text: string }] }
  return body.choices[0].text
}

it('loads during a running request, changes the output, and leaves nothing behind', async () => {
  expect(learnt).toBe(lesson)
  expect(plain).not.toBe(lesson)
  expect(await answer()).toBe(plain)

  const long = { max_tokens: 480, stream: true }
  const running = (await complete(long)).body!.getReader()
  let stream = new TextDecoder().decode((await running.read()).value)
  const loaded = await post('/v1/load_lora_adapter', { lora_name: 'lesson', lora_path: adapterPath })
  expect([loaded.status, await loaded.text()]).toEqual([200, expect.stringContaining('lesson')])
  expect(await sequencesRunning()).toBe(1)
  expect(await answer({ model: 'lesson' })).toBe(learnt)
  expect(await answer({ lora: [{ id: 'lesson', scale: 1 }] })).toBe(learnt)
  // Loaded at scale 0: nobody else notices.
  expect(await answer()).toBe(plain)
  for (let chunk = await running.read(); !chunk.done; chunk = await running.read())
    stream += new TextDecoder().decode(chunk.value)
  expect(textOf(stream)).toBe(await answer({ max_tokens: 480 }))
  expect(textOf(stream).startsWith(plain)).toBe(true)

  expect((await post('/lora-adapters', [{ id: 0, scale: 1 }])).status).toBe(200)
  expect(await answer()).toBe(learnt)
  expect(await answer({ lora: [{ id: 'lesson', scale: 0 }] })).toBe(plain)
  expect((await post('/lora-adapters', [{ id: 0, scale: 0 }])).status).toBe(200)
  expect(await answer()).toBe(plain)

  expect((await post('/v1/unload_lora_adapter', { lora_name: 'lesson' })).status).toBe(200)
  expect(await (await fetch(`${url}/lora-adapters`)).json()).toEqual([])
  expect(await answer()).toBe(plain)
  expect((await complete({ lora: [{ id: 'lesson', scale: 1 }] })).status).toBe(404)
})

it('is rejected when made for another model, and disturbs no request', async () => {
  const wide = { ...config, hidden_size: 32 }
  scope(() => {
    const adapters = new LoraAdapters(createModel(wide), { ...loraDefaults, ...adapter }, 'float32')
    const file = { weights: toHost(adapters.parameters()), adapter, baseModel: '' }
    exportGgufAdapter(join(folder, 'other.gguf'), 'other', wide, file)
  })
  const refused = await post('/v1/load_lora_adapter', {
    lora_name: 'other',
    lora_path: join(folder, 'other.gguf'),
  })
  expect(await refused.text()).toContain('adapter_unusable')
  expect(await answer()).toBe(plain)
})

async function sequencesRunning(): Promise<number> {
  const { samples } = parseMetricsText(await (await fetch(`${url}/metrics`)).text())
  return samples.find(({ name }) => name === 'vllm:num_requests_running')!.value
}

/** Text of server-sent events. */
const textOf = (stream: string): string =>
  stream
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map(
      (line) =>
        (JSON.parse(line.slice(6)) as { choices: readonly { text: string }[] }).choices[0]?.text ?? '',
    )
    .join('')
