/** Opens the library, the model and a context. What it throws says why, in llama.cpp's own words where it gave any. */

import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { availableMemory } from 'node:process'
import type { Clock } from '@hadal/base'
import type { ModelInfo } from '../../engine.ts'
import { kvCacheTooLarge, modelUnusable } from '../../errors.ts'
import { localModel } from '../../models/local-model.ts'
import type { ContextPointer, ModelPointer, Native } from '../binding.ts'
import { type ContextPlan, kvBudget, planContext } from '../context-plan.ts'
import { copyCost } from '../copy-cost.ts'
import { findLibrary } from '../library.ts'
import type { LlamaConfig } from '../options.ts'
import { libraryVersion } from '../structs.ts'
import { NativeLog } from './native-log.ts'
import { openLibrary } from './open-library.ts'
import { processorTimes } from './processor-times.ts'
import type { ProcessorTimes } from './thread-governor.ts'
import { Vocabulary } from './vocabulary.ts'

/** GGML_TYPE_BF16. */
const ggmlTypeBf16 = 30

export interface LoadedModel {
  readonly native: Native
  readonly context: ContextPointer
  readonly vocabulary: Vocabulary
  readonly plan: ContextPlan
  /** Of giving a sequence the cells of another one, in prompt tokens that are computed in the same time. */
  readonly copyCost: number
  /** How many threads compute a step at most; 1 where a GPU does the work. */
  readonly threads: number
  /** When loading began: how busy the machine was meanwhile says how many threads to begin with. */
  readonly loadedFrom: ProcessorTimes
  readonly info: ModelInfo
  readonly choices: readonly string[]
}

/** Once per process: the library, the model and the context live as long as it does. */
export async function loadModel(config: LlamaConfig, clock: Clock): Promise<LoadedModel> {
  const loadedFrom = processorTimes(clock.now())
  const [path] = await localModel(config.modelPath)
  const library = await findLibrary()
  const native = openLibrary(library)
  const log = new NativeLog(native)
  native.ggml.backendLoadAllFromPath(library.folder)
  native.llama.backendInit()

  const { llama } = native
  const params = llama.modelDefaultParams()
  if (config.gpuLayers !== null) params.n_gpu_layers = config.gpuLayers
  const model = llama.modelLoadFromFile(path!, params)
  if (model === null) throw modelUnusable(path!, log.reason('llama.cpp could not load it'))
  if (!llama.modelHasDecoder(model) || llama.modelHasEncoder(model))
    throw modelUnusable(path!, 'it is no text generator')
  const vocabulary = new Vocabulary(native, llama.modelGetVocab(model))
  if (vocabulary.size === 0) throw modelUnusable(path!, 'it has no vocabulary')

  const device = deviceOf(native)
  const onCpu = device.isCpu || config.gpuLayers === 0
  const request = {
    ...config,
    trainedLength: llama.modelNCtxTrain(model),
    bytesPerCell: bytesPerCell(native, model),
    freeBytes: device.freeBytes,
    onCpu,
  }
  const plan = planContext(request)
  if (plan === undefined) {
    const length = config.contextLength ?? request.trainedLength
    throw kvCacheTooLarge(length, length * request.bytesPerCell, kvBudget(request))
  }
  const context = openContext(native, model, plan, config)
  if (context === null) throw modelUnusable(path!, log.reason('llama.cpp could not make a context for it'))
  const pool = native.newThreadpool(config.threads)
  if (pool !== null) llama.attachThreadpool(context, pool, pool)
  const kernels = log.cpuKernels === undefined ? '' : ` (${log.cpuKernels} kernels)`
  log.silence()

  const contextLength = Math.min(plan.contextLength, llama.nCtxSeq(context))
  return {
    native,
    context,
    vocabulary,
    plan: { ...plan, contextLength, cells: llama.nCtx(context) },
    copyCost: copyCost({
      shared: plan.shared,
      bytesPerSequence: llama.nCtxSeq(context) * request.bytesPerCell,
      parameterCount: Number(llama.modelNParams(model)),
      divisible: isDivisible(native, model),
    }),
    threads: onCpu ? config.threads : 1,
    loadedFrom,
    info: await describeModel(native, model, vocabulary, config, path!, contextLength),
    choices: [
      `library: llama.cpp ${libraryVersion} from ${library.packageName}`,
      `device: ${device.name}${kernels}`,
      `threads: ${config.threads} (${config.threadsReason}${onCpu && config.threads > 1 ? '; fewer while others need the cores' : ''})`,
      ...plan.choices,
    ],
  }
}

function openContext(
  { llama }: Native,
  model: ModelPointer,
  plan: ContextPlan,
  config: LlamaConfig,
): ContextPointer | null {
  const params = llama.contextDefaultParams()
  params.n_ctx = plan.cells
  params.n_seq_max = config.maxBatchSize
  // Never cut a batch in a way `decode-calls.ts` does not know of.
  params.n_batch = config.maxBatchTokens
  params.n_ubatch = params.n_batch
  // One row of each sequence; without it a buffer for every row of a batch is kept.
  params.n_outputs_max = config.maxBatchSize
  params.n_threads = config.threads
  params.n_threads_batch = config.threads
  params.kv_unified = plan.shared
  if (plan.flashAttention === 'off') params.flash_attn_type = 0
  if (plan.flashAttention === 'byRow') params.type_v = ggmlTypeBf16
  return llama.initFromModel(model, params)
}

/** Whether a sequence's memory can be cut after any token. */
function isDivisible(native: Native, model: ModelPointer): boolean {
  const { llama } = native
  const summarises = metadata(native, model, 'general.architecture') === 'deepseek4'
  return !summarises && !llama.modelIsRecurrent(model) && !llama.modelIsHybrid(model)
}

/** Where the layers are computed: the first GPU if the library has one, else the CPU. */
function deviceOf({ ggml, base }: Native): { name: string; isCpu: boolean; freeBytes: number } {
  for (let index = 0; index < ggml.backendDevCount(); index += 1) {
    const device = ggml.backendDevGet(index)
    const name = base.backendDevName(device)
    if (name === 'CPU' || name === 'BLAS') continue
    const [free, total] = [new BigUint64Array(new ArrayBuffer(8)), new BigUint64Array(new ArrayBuffer(8))]
    base.backendDevMemory(device, free, total)
    return {
      name: `${name}, ${base.backendDevDescription(device)}`,
      isCpu: false,
      freeBytes: Number(free[0]),
    }
  }
  return { name: 'CPU', isCpu: true, freeBytes: availableMemory() }
}

/** Two vectors of half-precision numbers in each layer. Models that keep less are only given more room than they need. */
function bytesPerCell(native: Native, model: ModelPointer): number {
  const { llama } = native
  const keyLength = metadata(
    native,
    model,
    `${metadata(native, model, 'general.architecture')}.attention.key_length`,
  )
  const headSize = Number(keyLength) || llama.modelNEmbd(model) / Math.max(1, llama.modelNHead(model))
  return Math.max(1, llama.modelNLayer(model) * llama.modelNHeadKv(model) * headSize * 2 * 2)
}

async function describeModel(
  native: Native,
  model: ModelPointer,
  vocabulary: Vocabulary,
  config: LlamaConfig,
  path: string,
  contextLength: number,
): Promise<ModelInfo> {
  const { llama } = native
  const file = await stat(path)
  const chatTemplate = llama.modelChatTemplate(model, null)
  return {
    id: config.modelId ?? basename(path).replace(/(-\d{5}-of-\d{5})?\.gguf$/i, ''),
    path,
    architecture: metadata(native, model, 'general.architecture'),
    parameterCount: Number(llama.modelNParams(model)),
    fileBytes: file.size,
    contextLength,
    vocabularySize: vocabulary.size,
    ...(chatTemplate !== null && { chatTemplate }),
    bosToken: vocabulary.textOf(vocabulary.bos),
    eosToken: vocabulary.textOf(vocabulary.eos),
    controlTokens: vocabulary.controlTokens(),
    trainedLength: llama.modelNCtxTrain(model),
    embeddingLength: llama.modelNEmbd(model),
    can: { generate: true, embed: false, rerank: false },
    createdAt: Math.floor(file.mtimeMs / 1000),
  }
}

function metadata({ llama }: Native, model: ModelPointer, key: string): string {
  const buffer = Buffer.alloc(256)
  const length = llama.modelMetaValStr(model, key, buffer, buffer.length)
  return length < 0 ? '' : buffer.toString('utf8', 0, Math.min(length, buffer.length - 1))
}
