/**
 * The process of an ONNX model: isolates crashes. Uses the protocol of llama.cpp's process (`llama/messages.ts`) over the fork
 * channel, and exits when that closes.
 */

import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { HadalError, systemClock } from '@hadal/base'
import type { ModelInfo } from '../../engine.ts'
import type { FromProcess, ToProcess } from '../../llama/messages.ts'
import type { LlamaConfig } from '../../llama/options.ts'
import { StartTimer } from '../../llama/process/start-timer.ts'
import type { TensorBatching } from '../../tensor-value.ts'
import { type OnnxFileFacts, readFileFacts } from '../file-facts.ts'
import type { OpenSession } from '../open-session.ts'
import { probeBatching } from '../probe-batching.ts'
import { OnnxLoop } from './onnx-loop.ts'
import { openSessionThread } from './open-session-thread.ts'

/** Call in a forked process. */
export function serveOnnx(): void {
  // The parent drains or reloads its configuration on these signals and finally closes the channel; a terminal sends them to
  // both processes.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
  // `process.exit` would wait for the session's thread, which cannot be interrupted while it computes.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.once('message', ({ open }: ToProcess) => void begin(open!))
}

const send = (message: FromProcess): void => void process.send!(message)

async function begin(config: LlamaConfig): Promise<void> {
  const timer = new StartTimer(systemClock, performance.now())
  try {
    const { modelPath, threads, threadsReason } = config
    const session = await openSessionThread({ path: modelPath, threads, optimize: true })
    const facts = readFileFacts(modelPath)
    timer.passed('model')
    const batching = await probeBatching(session, {
      bitEqual: config.batchInvariant ?? false,
      mayRun: config.preload,
    })
    if (config.preload) timer.passed('warmUp')
    const model = describe(session, facts, batching, config)
    const loop = new OnnxLoop(config, session, batching, model.id, send, systemClock)
    process.on('message', (message: ToProcess) => loop.receive(message))
    const choices = [
      `threads: ${threads} of each run (${threadsReason})`,
      `batching: ${inWords(batching, config.maxBatchSize)} (${batching.reason})`,
      `runtime: onnxruntime-node ${session.runtimeVersion} (CPU)`,
    ]
    const { phases } = timer
    send({ type: 'ready', model, choices, lostAdapters: [], phases, kvBudgetBytes: 0 })
  } catch (thrown) {
    if (!(thrown instanceof HadalError)) throw thrown
    process.send!({ type: 'failed', error: thrown.toWire() } satisfies FromProcess, () => process.exit(1))
  }
}

function inWords({ kind, rows }: TensorBatching, maxBatchSize: number): string {
  if (kind === 'free') return `up to ${maxBatchSize} rows a run`
  return kind === 'fixed' ? `${rows} rows a run, filled with those of others` : 'one request a run'
}

function describe(
  { inputs, outputs }: OpenSession,
  { metadata, parameterCount, fileBytes, weightBytes }: OnnxFileFacts,
  batching: TensorBatching,
  { modelPath, modelId }: LlamaConfig,
): ModelInfo {
  return {
    id: modelId ?? basename(modelPath).replace(/\.onnx$/i, ''),
    path: modelPath,
    architecture: 'onnx',
    parameterCount,
    fileBytes,
    memoryBytes: weightBytes,
    contextLength: 0,
    trainedLength: 0,
    vocabularySize: 0,
    embeddingLength: 0,
    bosToken: '',
    eosToken: '',
    controlTokens: [],
    tensors: { inputs, outputs, batching, metadata, platform: 'onnxruntime_onnx' },
    can: { generate: false, embed: false, rerank: false, infer: true },
    createdAt: Math.floor(statSync(modelPath).mtimeMs / 1000),
  }
}
