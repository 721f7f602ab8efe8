/** Opens the library, the model and a context. What it throws says why, in llama.cpp's own words where it gave any. */

import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { availableMemory } from 'node:process'
import type { Clock } from '@hadal/base'
import type { ModelInfo } from '../../engine.ts'
import { kvCacheTooLarge, modelUnfit, modelUnusable } from '../../errors.ts'
import { localModel } from '../../models/local-model.ts'
import type { ContextPointer, ModelPointer, Native, ThreadPoolPointer } from '../binding.ts'
import { type ContextPlan, type ContextRequest, kvBudget, planContext } from '../context-plan.ts'
import { copyCost } from '../copy-cost.ts'
import { findLibrary } from '../library.ts'
import { modelAbilities, type ServedAbilities } from '../model-abilities.ts'
import type { LlamaConfig } from '../options.ts'
import { libraryVersion } from '../structs.ts'
import { LoadedAdapters } from './loaded-adapters.ts'
import { bytesPerCell, metadata, natureOf } from './model-metadata.ts'
import { NativeLog } from './native-log.ts'
import { openLibrary } from './open-library.ts'
import { openPooled, type PooledModel } from './open-pooled.ts'
import { processorTimes } from './processor-times.ts'
import type { ProcessorTimes } from './thread-governor.ts'
import { Vocabulary } from './vocabulary.ts'

/** GGML_TYPE_BF16. */
const ggmlTypeBf16 = 30

/** What the process was opened for. */
export interface ServedModel {
  readonly vocabulary: Vocabulary
  /** Absent where the model generates no text. */
  readonly generator?: LoadedModel
  /** Absent where it neither embeds nor ranks. */
  readonly pooled?: PooledModel
  readonly info: ModelInfo
  readonly choices: readonly string[]
}

export interface LoadedModel {
  readonly native: Native
  readonly context: ContextPointer
  readonly vocabulary: Vocabulary
  readonly adapters: LoadedAdapters
  readonly plan: ContextPlan
  /** Rows of one batch that may give logits; one more ends the process. */
  readonly outputRows: number
  /** Of giving a sequence the cells of another one, in prompt tokens that are computed in the same time. */
  readonly copyCost: number
  /** Whether a sequence's memory can be cut after any token. */
  readonly divisible: boolean
  /** One for all contexts: they never compute at the same time. */
  readonly pool: ThreadPoolPointer | null
  /** How many threads compute a step at most; 1 where a GPU does the work. */
  readonly threads: number
  /** When loading began: how busy the machine was meanwhile says how many threads to begin with. */
  readonly loadedFrom: ProcessorTimes
}

/** Once per process: the library, the model and its contexts live as long as it does. */
export async function loadModel(config: LlamaConfig, clock: Clock): Promise<ServedModel> {
  const loadedFrom = processorTimes(clock.now())
  const paths = await localModel(config.modelPath)
  const path = paths[0]!
  const library = await findLibrary()
  const native = openLibrary(library)
  const log = new NativeLog(native)
  native.ggml.backendLoadAllFromPath(library.folder)
  native.llama.backendInit()

  const { llama } = native
  const params = llama.modelDefaultParams()
  if (config.gpuLayers !== null) params.n_gpu_layers = config.gpuLayers
  const model = llama.modelLoadFromFile(path, params)
  if (model === null) throw modelUnusable(path, log.reason('llama.cpp could not load it'))
  const nature = natureOf(native, model, paths)
  const abilities = modelAbilities(nature, config)
  if ('why' in abilities) throw modelUnfit(path, abilities.why, abilities.instead)
  const vocabulary = new Vocabulary(native, llama.modelGetVocab(model))
  if (vocabulary.size === 0) throw modelUnusable(path, 'it has no vocabulary')

  const device = deviceOf(native)
  const onCpu = device.isCpu || config.gpuLayers === 0
  const threads = onCpu ? config.threads : 1
  const pool = native.newThreadpool(config.threads)
  const request = {
    ...config,
    trainedLength: llama.modelNCtxTrain(model),
    bytesPerCell: bytesPerCell(native, model),
    freeBytes: device.freeBytes,
    onCpu,
  }
  const { generate, embed, rerank } = abilities.can
  const pooled =
    embed || rerank
      ? openPooled({
          native,
          model,
          config,
          threads,
          loadedFrom,
          pool,
          clock,
          abilities,
          architecture: nature.architecture,
          vocabularySize: vocabulary.size,
          bytesPerCell: request.bytesPerCell,
          budgetBytes: kvBudget(request) * (generate ? shareBesideText : 1),
        })
      : undefined
  if (pooled === undefined && (embed || rerank)) throw noContext(path, log)
  const left = pooled === undefined ? request : { ...request, kvCacheBytes: kvBudget(request) - pooled.bytes }
  const generating = generate
    ? openGenerator(native, model, vocabulary, config, left, { log, paths, pool, threads, loadedFrom })
    : undefined
  const kernels = log.cpuKernels === undefined ? '' : ` (${log.cpuKernels} kernels)`
  log.silence()

  const contextLength = generating?.generator.plan.contextLength ?? pooled!.contexts[0]!.plan.inputLength
  return {
    vocabulary,
    ...(generating !== undefined && { generator: generating.generator }),
    ...(pooled !== undefined && { pooled }),
    info: await describeModel(native, model, vocabulary, config, path, contextLength, abilities),
    choices: [
      `library: llama.cpp ${libraryVersion} from ${library.packageName}`,
      `device: ${device.name}${kernels}`,
      `threads: ${config.threads} (${config.threadsReason}${onCpu && config.threads > 1 ? '; fewer while others need the cores' : ''})`,
      ...(generating?.choices ?? []),
      ...(pooled?.choices ?? []),
    ],
  }
}

/** Of the memory for keys and values, for texts to embed beside those generated. */
const shareBesideText = 0.25

const noContext = (path: string, log: NativeLog): Error =>
  modelUnusable(path, log.reason('llama.cpp could not make a context for it'))

interface Opening {
  readonly log: NativeLog
  readonly paths: readonly string[]
  readonly pool: ThreadPoolPointer | null
  readonly threads: number
  readonly loadedFrom: ProcessorTimes
}

/** Throws `kv_cache_too_large` and `model_unusable`. */
function openGenerator(
  native: Native,
  model: ModelPointer,
  vocabulary: Vocabulary,
  config: LlamaConfig,
  request: ContextRequest,
  { log, paths, pool, threads, loadedFrom }: Opening,
): { readonly generator: LoadedModel; readonly choices: readonly string[] } {
  const { llama } = native
  const plan = planContext(request)
  if (plan === undefined) {
    const length = config.contextLength ?? request.trainedLength
    throw kvCacheTooLarge(length, length * request.bytesPerCell, kvBudget(request))
  }
  const context = openContext(native, model, plan, config)
  if (context === null) throw noContext(paths[0]!, log)
  if (pool !== null) llama.attachThreadpool(context, pool, pool)
  const contextLength = Math.min(plan.contextLength, llama.nCtxSeq(context))
  const divisible = isDivisible(native, model)
  const generator = {
    native,
    context,
    vocabulary,
    adapters: new LoadedAdapters({ native, model, context, paths }),
    plan: { ...plan, contextLength, cells: llama.nCtx(context) },
    outputRows: outputRows(config),
    copyCost: copyCost({
      shared: plan.shared,
      bytesPerSequence: llama.nCtxSeq(context) * request.bytesPerCell,
      parameterCount: Number(llama.modelNParams(model)),
      divisible,
    }),
    divisible,
    pool,
    threads,
    loadedFrom,
  }
  return { generator, choices: plan.choices }
}

/** At least one of each sequence. For a large vocabulary a buffer for every row of a batch would be large, too. */
function outputRows({ maxBatchSize, maxBatchTokens }: LlamaConfig): number {
  return Math.max(maxBatchSize, Math.min(maxBatchTokens, 64))
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
  params.n_outputs_max = outputRows(config)
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

async function describeModel(
  native: Native,
  model: ModelPointer,
  vocabulary: Vocabulary,
  config: LlamaConfig,
  path: string,
  contextLength: number,
  { can, pooling }: ServedAbilities,
): Promise<ModelInfo> {
  const { llama } = native
  const file = await stat(path)
  const chatTemplate = jinjaOf(llama.modelChatTemplate(model, null))
  const toolTemplate = llama.modelChatTemplate(model, 'tool_use')
  const fim = vocabulary.fim()
  return {
    id: config.modelId ?? basename(path).replace(/(-\d{5}-of-\d{5})?\.gguf$/i, ''),
    path,
    architecture: metadata(native, model, 'general.architecture'),
    parameterCount: Number(llama.modelNParams(model)),
    fileBytes: file.size,
    contextLength,
    vocabularySize: vocabulary.size,
    ...(chatTemplate !== undefined && { chatTemplate }),
    ...(toolTemplate !== null && { toolTemplate }),
    bosToken: vocabulary.textOf(vocabulary.bos),
    eosToken: vocabulary.textOf(vocabulary.eos),
    controlTokens: vocabulary.controlTokens(),
    ...(fim !== undefined && { fim }),
    trainedLength: llama.modelNCtxTrain(model),
    embeddingLength: llama.modelNEmbdOut(model),
    can,
    ...(can.embed && { pooling }),
    createdAt: Math.floor(file.mtimeMs / 1000),
  }
}

/** For a few models that bring no template llama.cpp gives the name of one that is built into it. */
function jinjaOf(template: string | null): string | undefined {
  return template?.includes('{') ? template : undefined
}
