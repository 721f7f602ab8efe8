/**
 * The command lines of vLLM and SGLang, as documented for `vllm serve` and `sglang.launch_server`. Kubernetes substitutes
 * `$(LWS_...)`, which LeaderWorkerSet sets in each pod of a group. Pure.
 */

import { adapterId } from '@hadal/config'
import { type Cut, gpuMemoryShare } from './parallelism.ts'
import type { PlannedModel } from './planned-model.ts'

export interface Served {
  readonly model: PlannedModel
  /** In the pod. */
  readonly ref: string
  readonly adapters: PlannedModel['adapters']
  /** Its source, not a path. */
  readonly chatTemplate: string | undefined
  readonly cut: Cut
  readonly drainSeconds: number
}

export interface EngineCommands {
  readonly command: readonly string[]
  readonly workerCommand: readonly string[] | undefined
}

export const enginePorts = { llama: 8080, vllm: 8000, sglang: 30_000 } as const

/** Releases that have the flags used here: `--nnodes`, `--max-model-len auto` and `--shutdown-timeout` of vLLM, `--pp-size` of SGLang. */
export const engineImages = {
  vllm: 'vllm/vllm-openai:v0.24.0',
  sglang: 'lmsysorg/sglang:v0.5.16',
} as const

/** Settings these engines have flags for; all others are reported as omitted. */
export const takenSettings: readonly string[] = [
  ...['contextLength', 'maxBatchSize', 'maxBatchTokens', 'seed'],
  ...['temperature', 'topK', 'topP', 'minP', 'repeatPenalty', 'maxTokens'],
]

const flag = (name: string, value: unknown): string[] => (value === undefined ? [] : [name, String(value)])

export function vllmCommands({
  model,
  ref,
  adapters,
  chatTemplate,
  cut,
  drainSeconds,
}: Served): EngineCommands {
  const { settings } = model
  const base = [
    ...['vllm', 'serve', ref, '--served-model-name', model.id],
    ...['--tensor-parallel-size', String(cut.tensorParallel)],
    ...(cut.pipelineParallel > 1 ? ['--pipeline-parallel-size', String(cut.pipelineParallel)] : []),
    ...['--gpu-memory-utilization', String(gpuMemoryShare)],
    // `auto`: as long as the KV cache has room for. Without it, a long-context model would not start on small GPUs.
    ...flag('--max-model-len', settings.contextLength ?? 'auto'),
    ...flag('--max-num-seqs', settings.maxBatchSize),
    ...flag('--max-num-batched-tokens', settings.maxBatchTokens),
    ...flag('--seed', settings.seed),
    ...flag('--chat-template', chatTemplate),
    ...flag('--override-generation-config', generationConfig(settings)),
    ...(adapters.length === 0 ? [] : ['--enable-lora', '--lora-modules', ...adapters.map(namedAdapter)]),
  ]
  const serving = [
    '--host',
    '0.0.0.0',
    '--port',
    String(enginePorts.vllm),
    '--shutdown-timeout',
    String(drainSeconds),
  ]
  if (cut.nodes === 1) return { command: [...base, ...serving], workerCommand: undefined }
  const group = [
    ...['--distributed-executor-backend', 'mp', '--nnodes', String(cut.nodes)],
    ...[
      '--node-rank',
      '$(LWS_WORKER_INDEX)',
      '--master-addr',
      '$(LWS_LEADER_ADDRESS)',
      '--master-port',
      '29500',
    ],
  ]
  return { command: [...base, ...group, ...serving], workerCommand: [...base, ...group, '--headless'] }
}

export function sglangCommands({ model, ref, adapters, chatTemplate, cut }: Served): EngineCommands {
  const { settings } = model
  const base = [
    ...['python3', '-m', 'sglang.launch_server', '--model-path', ref, '--served-model-name', model.id],
    ...['--tp-size', String(cut.tensorParallel)],
    ...(cut.pipelineParallel > 1 ? ['--pp-size', String(cut.pipelineParallel)] : []),
    ...flag('--context-length', settings.contextLength),
    ...flag('--max-running-requests', settings.maxBatchSize),
    ...flag('--max-prefill-tokens', settings.maxBatchTokens),
    ...flag('--random-seed', settings.seed),
    ...flag('--chat-template', chatTemplate),
    ...flag('--preferred-sampling-params', generationConfig(settings)),
    ...(adapters.length === 0 ? [] : ['--enable-lora', '--lora-paths', ...adapters.map(namedAdapter)]),
    ...['--host', '0.0.0.0', '--port', String(enginePorts.sglang), '--enable-metrics'],
  ]
  if (cut.nodes === 1) return { command: base, workerCommand: undefined }
  const all = [
    ...base,
    ...['--nnodes', String(cut.nodes), '--node-rank', '$(LWS_WORKER_INDEX)'],
    ...['--dist-init-addr', '$(LWS_LEADER_ADDRESS):20000'],
  ]
  return { command: all, workerCommand: all }
}

/** By the name that gateways ask for. */
const namedAdapter = (adapter: PlannedModel['adapters'][number]): string =>
  `${adapterId(adapter)}=${adapter.path}`

/** As Hugging Face's generation_config.json has them, and SGLang's sampling parameters. */
function generationConfig(settings: PlannedModel['settings']): string | undefined {
  const { temperature, topK, topP, minP, repeatPenalty, maxTokens } = settings
  return orNothing({
    temperature,
    top_k: topK,
    top_p: topP,
    min_p: minP,
    repetition_penalty: repeatPenalty,
    max_new_tokens: maxTokens,
  })
}

function orNothing(values: object): string | undefined {
  const text = JSON.stringify(values)
  return text === '{}' ? undefined : text
}
