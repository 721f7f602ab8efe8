/** A dual encoder for a run: in one piece, with layers on a tape, or in recomputed chunks of a batch. */

import {
  Clip,
  type ClipConfig,
  computeDtype,
  initializeClip,
  loadParameters,
  PartParameters,
  type RunParts,
  recomputed,
  runOnTape,
  setTraining,
  type Tape,
  towerOf,
} from '@hadal/nn'
import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { everyLayers } from '../checkpointing/every-layers.ts'
import { type ContrastiveObjective, contrastiveDefaults } from '../objective.ts'
import type { Run } from '../run.ts'
import type { OpenModel, TowerView, TrainedWith } from './open-model.ts'

export function openClip(run: Run<ClipConfig>): OpenModel<TowerView> {
  const module = new Clip(run.model, computeDtype[run.precision])
  // Running statistics are not trained; they are initialised here.
  initializeClip(module)
  const { maxLogitScale } = { ...contrastiveDefaults, ...(run.objective as ContrastiveObjective) }
  const images: Embed = (pixels, parts) => module.embedImages(pixels, parts)
  const texts: Embed = (ids, parts) => module.embedTexts(ids, parts)
  return {
    module,
    segments: undefined,
    initialize: (parameters) =>
      scope(() => {
        const fresh = new Clip(run.model)
        initializeClip(fresh)
        loadParameters(parameters, fresh.parameters())
      }),
    view: (trained) => ({
      embedImages: (pixels) => embedded(run, 'image', images, pixels, trained),
      embedTexts: (ids) => embedded(run, 'text', texts, ids, trained),
      scale: () => module.scale(),
      bias: module.logitBias,
    }),
    setTraining: (training) => setTraining(module, training),
    bound: (masters) => {
      const scale = masters.get('logit_scale')
      if (scale) noGrad(() => scale.clamp_({ min: 0, max: Math.log(maxLogitScale) }))
    },
  }
}

type Embed = (x: Tensor, runParts?: RunParts) => Tensor

/** An encoder's output for x [b, ...]. */
function embedded(
  { model, batch, checkpointing }: Run<ClipConfig>,
  tower: 'image' | 'text',
  embed: Embed,
  x: Tensor,
  trained: TrainedWith | undefined,
): Tensor {
  const { cacheRows = Number.POSITIVE_INFINITY } = batch
  if (!trained) return embed(x)
  const own = new Map([...trained.working].filter(([name]) => towerOf(name) === tower))
  if (x.shape[0]! > cacheRows) return inChunks(trained.tape, [...own.values()], embed, x, cacheRows)
  if (checkpointing?.every === undefined) return embed(x)
  const { num_hidden_layers: layers } = (
    tower === 'image' ? model.vision_config : model.text_config
  ) as ClipConfig['text_config']
  const segments = everyLayers(layers, checkpointing.every)
  return embed(x, runOnTape(trained.tape, segments, new PartParameters(own)))
}

/**
 * Gradient caching for batches too large to keep all activations: embeddings are computed chunk by chunk without a graph; once the
 * loss over all has given their gradients, each chunk is recomputed with one (Gao et al. 2021, arXiv:2101.06983).
 */
function inChunks(tape: Tape, parameters: readonly Tensor[], embed: Embed, x: Tensor, rows: number): Tensor {
  const chunks: Tensor[] = []
  for (let start = 0; start < x.shape[0]!; start += rows)
    chunks.push(x.narrow(0, start, Math.min(rows, x.shape[0]! - start)))
  tape.keep(chunks)
  return torch.cat(chunks.map((chunk) => recomputed(tape, [], parameters, () => [embed(chunk)])[0]!))
}
