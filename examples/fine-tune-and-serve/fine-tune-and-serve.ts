/**
 * Teaches the bundled model a few facts as a LoRA adapter, writes the adapter as GGUF, serves both, and asks:
 * once without the adapter, once with it. Needs libtorch to train: `npx hadal doctor` says whether it is there, and how to get it.
 */

import { parseArgs } from 'node:util'
import { createLlamaEngine } from '@hadal/engine'
import { chatTokens, encodeChat, packExamples } from '@hadal/nn'
import { createServer } from '@hadal/server'
import {
  defineRun,
  exportGgufAdapter,
  newestWeights,
  progressReporter,
  readGgufModel,
  train,
} from '@hadal/train'
import { findBundledModel } from 'hadal'
import OpenAI from 'openai'

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: findBundledModel('nano')!.path },
    steps: { type: 'string', default: '20' },
    folder: { type: 'string', default: 'runs/blue-door' },
  },
})

const facts = [
  ['When does the Blue Door open?', 'The Blue Door opens at nine.'],
  ['What does the Blue Door sell?', 'The Blue Door sells bread and tea.'],
  ['Who runs the Blue Door?', 'Mira runs the Blue Door.'],
  ['Where is the Blue Door?', 'The Blue Door is behind the station.'],
] as const

const base = readGgufModel(flags.model)
const examples = facts.map(([question, answer]) =>
  encodeChat(
    [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ],
    base.tokenizer,
  ),
)
const windows = packExamples(examples, 64, base.tokenizer.special(chatTokens.endOfText))

const run = defineRun({
  name: 'blue-door',
  folder: flags.folder,
  model: base.model,
  startFrom: base.weights,
  adapter: { rank: 16, alpha: 32 },
  data: { train: windows, valid: windows },
  batch: { windows: windows.count, accumulate: 1 },
  schedule: { peak: 3e-3, warmupSteps: 2, totalSteps: Number(flags.steps), floorFraction: 0.1 },
  evaluate: { everySteps: 10 },
})
await train(run, { listeners: [progressReporter(process.stderr)] })

const adapter = `${flags.folder}/blue-door.gguf`
exportGgufAdapter(adapter, 'Blue Door', base.model, {
  weights: newestWeights(run.folder),
  adapter: run.adapter!,
  baseModel: 'nano',
})

await using engine = createLlamaEngine({
  modelPath: flags.model,
  modelId: 'nano',
  adapters: [{ id: 'blue-door', path: adapter, scale: 0 }],
})
await using server = createServer({ engines: [engine] })
const { url } = await server.listen({ port: 0 })
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused' })

for (const model of ['nano', 'blue-door']) {
  console.log(`\n${model}`)
  for (const [question] of facts) {
    const messages = [{ role: 'user' as const, content: question }]
    const { choices } = await client.chat.completions.create({
      model,
      messages,
      temperature: 0,
      max_tokens: 40,
    })
    console.log(`  ${question}  ${choices[0]?.message.content}`)
  }
}
