/** The process behind `readFileLogits`: loads one file, computes each sequence in one call, and exits. */

import { HadalError, systemClock } from '@hadal/base'
import koffi from 'koffi'
import { modelUnusable } from '../../errors.ts'
import type { LogitsAnswer, LogitsQuestion } from '../file-logits.ts'
import { Batch } from './batch.ts'
import { LoadedAdapters } from './loaded-adapters.ts'
import { openBackends } from './open-library.ts'
import { StartTimer } from './start-timer.ts'

/** GGML_TYPE_F32. */
const ggmlTypeF32 = 0

const send = (answer: LogitsAnswer): Promise<void> =>
  new Promise((resolve) => process.send!(answer, () => resolve()))

async function answer({ path, sequences, threads, adapter }: LogitsQuestion): Promise<void> {
  const { native, log } = await openBackends(new StartTimer(systemClock, 0))
  const { llama } = native
  // On the CPU, where every kernel computes in F32.
  const model = llama.modelLoadFromFile(path, { ...llama.modelDefaultParams(), n_gpu_layers: 0 })
  if (model === null) throw modelUnusable(path, log.reason('llama.cpp could not load it'))
  const longest = Math.max(1, ...sequences.map((tokens) => tokens.length))
  const context = llama.initFromModel(model, {
    ...llama.contextDefaultParams(),
    n_ctx: longest,
    n_batch: longest,
    n_ubatch: longest,
    n_outputs_max: longest,
    n_outputs_max_per_seq: longest,
    n_threads: threads,
    n_threads_batch: threads,
    type_k: ggmlTypeF32,
    type_v: ggmlTypeF32,
    flash_attn_type: 0,
  })
  if (context === null) throw modelUnusable(path, log.reason('llama.cpp could not make a context for it'))
  if (adapter !== undefined) {
    const adapters = new LoadedAdapters({ native, model, context, paths: [path] })
    await adapters.load({ ref: 0, path: adapter })
    adapters.use([[0, 1]])
  }
  log.silence()
  const size = llama.vocabNTokens(llama.modelGetVocab(model))
  const batch = new Batch(longest)
  for (const tokens of sequences) {
    const bad = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= size)
    if (bad !== undefined) throw modelUnusable(path, `its vocabulary of ${size} has no token ${bad}`)
    llama.memoryClear(llama.getMemory(context), true)
    batch.clear()
    for (const [position, token] of tokens.entries()) batch.add(token, position, 0, true)
    const result = llama.decode(context, batch.native)
    if (result !== 0) throw modelUnusable(path, `llama_decode returned ${result}`)
    const logits = new Float32Array(tokens.length * size)
    for (const row of tokens.keys())
      logits.set(new Float32Array(koffi.view(llama.getLogitsIth(context, row)!, size * 4)), row * size)
    await send({ type: 'logits', logits })
  }
}

process.once('message', async (question: LogitsQuestion) => {
  try {
    await answer(question)
  } catch (thrown) {
    if (!(thrown instanceof HadalError)) throw thrown
    await send({ type: 'failed', error: thrown.toWire() })
  }
  process.exit(0)
})
