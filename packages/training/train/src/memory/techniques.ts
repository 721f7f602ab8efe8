/**
 * Memory-saving techniques, each as a transformed run with its cost in operations if known. Independent of available memory, except
 * those chosen to fit.
 */

import {
  hasExperts,
  isDeepSeekConfig,
  isResNetTower,
  layoutIssues,
  localConfig,
  loraDefaults,
  type ModelConfig,
  type Segment,
  trainingFlopsPerToken,
} from '@hadal/nn'
import { partCosts, passShape } from '../checkpointing/part-costs.ts'
import { choiceWithin, segmentsOf } from '../checkpointing/segments-of.ts'
import { isClipRun, isLanguageRun, kindOf } from '../kinds/kind-of.ts'
import type { LanguageRun, RunConfig } from '../run-config.ts'
import { planMemory } from './plan-memory.ts'
import { type MemoryPlan, type OwnedBytes, peakBytes } from './run-memory.ts'

export interface Technique {
  readonly name: string
  readonly flags: string
  readonly run: RunConfig
  /** Its memory plan, if it differs from that of `run`. */
  readonly memory?: () => MemoryPlan
  readonly work: number | undefined
  readonly price: string
  /** Whether it can be combined with others and does not change the result: it may be recommended in combinations. */
  readonly isSimple?: boolean
}

/** Every applicable technique for a run that must fit in `memoryBytes`; distributed ones with `ranks`. */
export const techniquesOf = (run: RunConfig, memoryBytes: number, ranks: number): readonly Technique[] => [
  ...arithmetic(run),
  ...(isLanguageRun(run) ? checkpointing(run, memoryBytes) : []),
  ...optimizers(run),
  ...passes(run),
  ...(isLanguageRun(run) ? [...adapters(run), ...parallel(run, ranks)] : []),
]

export const memoryOf = ({ run, memory }: Pick<Technique, 'run' | 'memory'>): MemoryPlan =>
  memory?.() ?? kindOf(run.model).planMemory(run)

/** From free ones to those that change the run. */
export const inOrder: readonly ((run: RunConfig) => Technique | undefined)[] = [
  (run) => arithmetic(run).find(({ flags }) => flags.includes('loss-chunk')),
  (run) => arithmetic(run).find(({ flags }) => flags.includes('bf16')),
  (run) => optimizers(run)[0],
  (run) => (isLanguageRun(run) ? everyLayers(run, 1) : undefined),
  ...Array.from({ length: 12 }, () => (run: RunConfig) => passes(run)[0]),
  (run) => (isLanguageRun(run) ? adapters(run)[0] : undefined),
  (run) => (isLanguageRun(run) ? adapters(run).at(-1) : undefined),
]

function arithmetic(run: RunConfig): Technique[] {
  const found: Technique[] = []
  const { lossChunkTokens: chunk, ...chunked } = run
  if (chunk === 0 && run.objective.kind === 'tokens')
    found.push({
      name: 'loss in chunks',
      flags: '--loss-chunk-tokens 1024',
      run: { ...chunked, lossChunkTokens: 1024 },
      work: 1,
      price: 'none',
      isSimple: true,
    })
  if (run.precision === 'fp32')
    found.push({
      name: 'bf16',
      flags: '--precision bf16',
      run: { ...run, precision: 'bf16' },
      work: 1,
      price: 'none, and faster where the processor computes in it',
      isSimple: true,
    })
  return found
}

function checkpointing(run: LanguageRun, memoryBytes: number): Technique[] {
  if (run.checkpointing) return []
  const layers = run.model.num_hidden_layers
  const some = Math.max(2, Math.round(Math.sqrt(layers)))
  const halves: readonly Segment[] = Array.from({ length: 2 * layers }, () => ({ parts: 1, mode: 'light' }))
  const { segments, bytes } = choiceWithin(run, memoryBytes)
  const selective = segments.some(({ mode }) => mode !== 'kept') && bytes <= memoryBytes
  const light: Technique = {
    name: 'products kept, the rest recomputed',
    flags: `--checkpointing-memory-target ${Math.ceil(peakBytes(planMemory(run, halves)) / 2 ** 20)}MiB`,
    run,
    memory: () => planMemory(run, halves),
    ...again(run, halves),
    isSimple: true,
  }
  const chosen: Technique = {
    name: 'recomputed as far as necessary',
    flags: `--checkpointing-memory-target ${Math.floor(memoryBytes / 2 ** 20)}MiB`,
    run,
    memory: () => planMemory(run, segments),
    ...again(run, segments),
    isSimple: true,
  }
  return [
    ...(selective ? [chosen] : []),
    light,
    everyLayers(run, 1),
    ...(some < layers ? [everyLayers(run, some)] : []),
  ]
}

function everyLayers(run: LanguageRun, every: number): Technique {
  const next: LanguageRun = { ...run, checkpointing: { every } }
  const segments = segmentsOf(next)!
  return {
    name: every === 1 ? 'every layer recomputed' : `every ${every} layers recomputed`,
    flags: `--checkpointing-every ${every}`,
    run: next,
    ...again(run, segments),
    isSimple: true,
  }
}

/** Operations that are made twice. */
function again(run: LanguageRun, segments: readonly Segment[]): Pick<Technique, 'work' | 'price'> {
  const costs = partCosts(run)
  const { tokens, windowLength } = passShape(run)
  let extra = 0
  let start = 0
  for (const { parts, mode } of segments) {
    for (let at = start; at < start + parts; at += 1) {
      const { lightWork, wholeWork } = costs[at]!
      if (mode === 'light') extra += lightWork
      else if (mode === 'recomputed')
        extra += wholeWork + (at < start + parts - 1 ? 2 * tokens * lastNumbers(run.model, at) : 0)
    }
    start += parts
  }
  const work = 1 + extra / (tokens * trainingFlopsPerToken(run.model, windowLength))
  return { work, price: `${Math.round(100 * (work - 1))} % more operations` }
}

/** Weights of a half's last product, which only the last half of a segment does not make again; experts' are in their work. */
function lastNumbers(model: ModelConfig, part: number): number {
  const { hidden_size: d, num_attention_heads: h } = model
  if (part % 2 === 0)
    return d * (isDeepSeekConfig(model) ? h * model.v_head_dim : (model.head_dim ?? d / h) * h)
  const layer = (part - 1) / 2
  const isMixture = isDeepSeekConfig(model) && model.moe !== null && hasExperts(model.moe, layer)
  return isMixture ? 0 : d * model.intermediate_size
}

function optimizers(run: RunConfig): Technique[] {
  const kind = run.optimizer.kind ?? 'adamw'
  if (kind !== 'adamw' || run.adapter) return []
  return [
    {
      name: 'AdamW in 8 bits',
      flags: '--optimizer-kind adamw-8bit',
      run: { ...run, optimizer: { ...run.optimizer, kind: 'adamw-8bit' } },
      work: 1,
      price: 'moments rounded at each update',
      isSimple: true,
    },
  ]
}

function passes(run: RunConfig): Technique[] {
  if (run.objective.kind === 'contrastive') return chunks(run)
  const { windows, accumulate } = run.batch
  if (windows < 2 || windows % 2 !== 0) return []
  const batch = { windows: windows / 2, accumulate: 2 * accumulate }
  return [
    {
      name: 'half the windows at once, twice the passes',
      flags: `--batch-windows ${batch.windows} --batch-accumulate ${batch.accumulate}`,
      run: { ...run, batch },
      work: 1,
      price: 'smaller products, which a processor does less well',
      isSimple: true,
    },
  ]
}

/** For contrastive batches, which cannot be split: each chunk is encoded twice. */
function chunks(run: RunConfig): Technique[] {
  const { windows, cacheRows } = run.batch
  const rows = Math.floor((cacheRows ?? windows) / 2)
  const isPossible = isClipRun(run) && !isResNetTower(run.model.vision_config) && !run.checkpointing
  if (rows < 1 || !isPossible) return []
  return [
    {
      name: `encoders process ${rows} rows at a time, recomputed in the backward pass`,
      flags: `--batch-cache-rows ${rows}`,
      run: { ...run, batch: { ...run.batch, cacheRows: rows } },
      work: cacheRows === undefined ? 4 / 3 : 1,
      price: cacheRows === undefined ? 'one more pass forward' : 'smaller products',
      isSimple: true,
    },
  ]
}

/** Skips the weight gradients of frozen weights, about half of the backward products. */
function adapters(run: LanguageRun): Technique[] {
  if (run.adapter) return []
  const price = 'trains adapters on existing weights'
  const rank = loraDefaults.rank
  return [
    {
      name: `LoRA of rank ${rank}`,
      flags: `--adapter-rank ${rank}`,
      run: { ...run, adapter: { rank } },
      work: 2 / 3,
      price,
    },
    {
      name: `QLoRA of rank ${rank}`,
      flags: `--adapter-rank ${rank} --adapter-quantization nf4`,
      run: { ...run, adapter: { rank, quantization: 'nf4' } },
      work: 2 / 3,
      price: `${price}; unpacks them for each product`,
    },
  ]
}

/** Per rank. */
function parallel(run: LanguageRun, ranks: number): Technique[] {
  if (ranks < 2 || run.parallel) return []
  const { windows } = run.batch
  const found: Technique[] = []
  if (windows >= ranks) {
    const own: LanguageRun = { ...run, batch: { ...run.batch, windows: Math.ceil(windows / ranks) } }
    for (const zero of [0, 1, 2, 3] as const)
      found.push({
        name: zero === 0 ? `the batch over ${ranks} ranks` : `and ZeRO-${zero}: ${sharedBy[zero]} too`,
        flags: `--nproc ${ranks}${zero === 0 ? '' : ` --parallel-zero ${zero}`}`,
        run: own,
        memory: () => sharded(planMemory(own, segmentsOf(own)), ranks, zero),
        work: 1 / ranks,
        price: zero === 3 ? 'weights are gathered and freed per layer' : 'gradients meet once a step',
      })
  }
  if (layoutIssues(run.model, { tensor: ranks, expert: 1 }).length === 0) {
    const own: LanguageRun = { ...run, model: localConfig(run.model, { rank: 0, size: ranks }) }
    found.push({
      name: `each layer over ${ranks} ranks`,
      flags: `--nproc ${ranks} --parallel-tensor ${ranks} --parallel-sequence true`,
      run: own,
      work: 1 / ranks,
      price: 'all states meet twice a layer, both ways',
    })
  }
  return found
}

const sharedBy = { 1: 'optimizer', 2: 'gradients', 3: 'weights' } as const

function sharded(plan: MemoryPlan, ranks: number, zero: 0 | 1 | 2 | 3): MemoryPlan {
  const { bytes, phases } = plan
  const share = (owned: number, stage: number): number => (zero >= stage ? Math.ceil(owned / ranks) : owned)
  const kept: OwnedBytes = {
    ...bytes,
    optimizer: share(bytes.optimizer, 1),
    gradients: share(bytes.gradients, 2),
    weights: share(bytes.weights, 3),
    average: share(bytes.average, 3),
  }
  const less =
    Object.values(bytes).reduce((sum, each) => sum + each, 0) -
    Object.values(kept).reduce((sum, each) => sum + each, 0)
  const { forward, back, update } = phases
  return { bytes: kept, phases: { forward: forward - less, back: back - less, update: update - less } }
}
