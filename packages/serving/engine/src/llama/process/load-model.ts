/** Opens the model and its contexts. Errors include llama.cpp's own message if there is one. */

import { stat } from 'node:fs/promises'
import { availableMemory } from 'node:process'
import type { Clock } from '@hadal/base'
import type { EngineCapacity, ModelInfo } from '../../engine.ts'
import { memoryLockRefused, modelUnfit, modelUnusable } from '../../errors.ts'
import { localModel } from '../../models/local-model.ts'
import type { Native } from '../binding.ts'
import { kvBudget } from '../context-plan.ts'
import { modelAbilities } from '../model-abilities.ts'
import type { LlamaConfig } from '../options.ts'
import type { ModelParams } from '../structs.ts'
import { libraryVersion } from '../structs.ts'
import { describeModel } from './describe-model.ts'
import { bytesPerCell, hasOneLatent, natureOf } from './model-metadata.ts'
import type { NativeLog } from './native-log.ts'
import { type LoadedModel, openGenerator } from './open-generator.ts'
import type { OpenedLibrary } from './open-library.ts'
import { openPooled, type PooledModel } from './open-pooled.ts'
import { processorTimes } from './processor-times.ts'
import type { StartTimer } from './start-timer.ts'
import { Vocabulary } from './vocabulary.ts'

/** The abilities that the process was opened for. */
export interface ServedModel {
  readonly vocabulary: Vocabulary
  /** Absent if the model generates no text. */
  readonly generator?: LoadedModel
  /** Absent if it neither embeds nor ranks. */
  readonly pooled?: PooledModel
  readonly info: ModelInfo
  readonly capacity: EngineCapacity
  readonly choices: readonly string[]
  /** The initial budget of the context plans. */
  readonly kvBudgetBytes: number
}

/** Once per process: the model and its contexts are never freed. */
export async function loadModel(
  config: LlamaConfig,
  { library, native, log }: OpenedLibrary,
  clock: Clock,
  timer: StartTimer,
): Promise<ServedModel> {
  const loadedFrom = processorTimes(clock.now())
  const paths = await localModel(config.modelPath)
  const path = paths[0]!
  const { llama } = native
  const model = llama.modelLoadFromFile(path, modelParams(llama.modelDefaultParams(), config))
  if (model === null) throw modelUnusable(path, log.reason('llama.cpp could not load it'))
  if (config.lockMemory && log.lockError !== undefined) throw memoryLockRefused(path, log.lockError)
  const nature = natureOf(native, model, paths)
  const abilities = modelAbilities(nature, config)
  if ('why' in abilities) throw modelUnfit(path, abilities.why, abilities.instead)
  const vocabulary = new Vocabulary(native, llama.modelGetVocab(model))
  if (vocabulary.size === 0) throw modelUnusable(path, 'it has no vocabulary')
  timer.passed('model')

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
    oneLatent: hasOneLatent(native, model),
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
          onCpu,
          budgetBytes: kvBudget(request) * (generate ? pooledMemoryShare : 1),
        })
      : undefined
  if (pooled === undefined && (embed || rerank)) throw noContext(path, log)
  const left =
    pooled === undefined
      ? request
      : { ...request, kvCacheBytes: Math.max(0, kvBudget(request) - pooled.bytes) }
  const generator = generate
    ? openGenerator({ native, model, vocabulary, config, request: left, paths, pool, threads, loadedFrom })
    : undefined
  if (generator === undefined && generate) throw noContext(path, log)
  const kernels = log.cpuKernels === undefined ? '' : ` (${log.cpuKernels} kernels)`
  log.silence()

  timer.passed('context')

  const contextLength = generator?.plan.contextLength ?? pooled!.contexts[0]!.plan.inputLength
  const cellBytes = (generator?.plan.cells ?? 0) * request.bytesPerCell + (pooled?.bytes ?? 0)
  const described = await describeModel(native, model, vocabulary, config, path, contextLength, abilities)
  return {
    vocabulary,
    ...(generator !== undefined && { generator }),
    ...(pooled !== undefined && { pooled }),
    info: { ...described, memoryBytes: (await bytesOf(paths)) + cellBytes },
    kvBudgetBytes: kvBudget(request),
    capacity: {
      ...(generator !== undefined && { cells: generator.plan.cells }),
      ...(pooled !== undefined && { passTokens: pooled.passTokens }),
    },
    choices: [
      `library: llama.cpp ${libraryVersion} from ${library.packageName}`,
      `device: ${device.name}${kernels}`,
      `threads: ${config.threads} (${config.threadsReason}${onCpu && config.threads > 1 ? '; fewer while others need the cores' : ''})`,
      ...(generator?.plan.choices ?? []),
      ...(pooled?.choices ?? []),
    ],
  }
}

async function bytesOf(paths: readonly string[]): Promise<number> {
  const files = await Promise.all(paths.map((path) => stat(path)))
  return files.reduce((sum, { size }) => sum + size, 0)
}

/** Values of `llama_load_mode`. */
const loadModes = { asDevicesCan: -1, read: 0, map: 1, lock: 2, mapAndLock: 3 } as const

function modelParams(defaults: ModelParams, { gpuLayers, lockMemory, mapMemory }: LlamaConfig): ModelParams {
  const unlocked = mapMemory === null ? loadModes.asDevicesCan : mapMemory ? loadModes.map : loadModes.read
  const locked = mapMemory === false ? loadModes.lock : loadModes.mapAndLock
  return {
    ...defaults,
    ...(gpuLayers !== null && { n_gpu_layers: gpuLayers }),
    load_mode: lockMemory ? locked : unlocked,
  }
}

/** Share of the KV memory for embedding when the model also generates. */
const pooledMemoryShare = 0.25

const noContext = (path: string, log: NativeLog): Error =>
  modelUnusable(path, log.reason('llama.cpp could not make a context for it'))

/** Where the layers are computed: the first GPU if the library supports one, otherwise the CPU. */
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
