/**
 * Estimates the peak memory of a dual encoder's training step from its configuration. A layer keeps what its operators read in the
 * backward pass; transient buffers are not counted. Verified against libtorch's allocations in clip-memory.test.ts. Creates no
 * tensors.
 *
 * Letters: n rows of an encoder, t tokens or positions each, d hidden, f feed-forward width.
 */

import {
  type ClipConfig,
  type ClipResNetConfig,
  type ClipTextConfig,
  clipTensors,
  isResNetTower,
  type WantedTensor,
} from '@hadal/nn'
import type { ImageTextPairs } from '../image-text-data/image-text-pairs.ts'
import { type MemoryPlan, stepMemory } from '../memory/run-memory.ts'
import { type ContrastiveObjective, contrastiveDefaults } from '../objective.ts'
import type { RunConfig } from '../run-config.ts'

export function clipMemory(run: RunConfig<ClipConfig>): MemoryPlan {
  const { model, data, batch, objective, precision } = run
  const { text_config: text, vision_config: vision } = model
  const { captionsPerImage } = { ...contrastiveDefaults, ...(objective as ContrastiveObjective) }
  const { captions } = data.train as ImageTextPairs
  const longest = captions.flat().reduce((most, { length }) => Math.max(most, length), 0)
  const images = batch.windows
  const texts = images * Math.min(captionsPerImage, Math.max(...captions.map(({ length }) => length)))
  const width = precision === 'fp32' ? 4 : 2
  const read = (rows: number): number => Math.min(rows, batch.cacheRows ?? rows)
  const ofText = towerBytes(text, longest, run.checkpointing?.every, width)
  const ofImage = isResNetTower(vision)
    ? { kept: resNetBytes(vision, width), transient: 0 }
    : towerBytes(vision, (vision.image_size / vision.patch_size) ** 2 + 1, run.checkpointing?.every, width)
  const isCached = batch.cacheRows !== undefined
  const inputs = images * 3 * vision.image_size ** 2 * 4 + texts * longest * 8
  // Similarities of all with all, their softmax both ways and the gradients of these.
  const loss = images * texts * 4 * 5 + (images + texts) * model.projection_dim * 4 * 4
  const each = [read(texts) * ofText.kept, read(images) * ofImage.kept]
  const kept = isCached ? Math.max(...each) : each[0]! + each[1]!
  const transient = Math.max(read(texts) * ofText.transient, read(images) * ofImage.transient)
  return stepMemory(run, clipParameters(model), 0, ({ numbers }) => ({
    forward: inputs + loss + kept,
    back: inputs + loss + kept + transient + numbers * 4,
  }))
}

interface TowerBytes {
  /** Per row. */
  readonly kept: number
  readonly transient: number
}

function towerBytes(
  {
    hidden_size: d,
    intermediate_size: f,
    num_hidden_layers: layers,
  }: Pick<ClipTextConfig, 'hidden_size' | 'intermediate_size' | 'num_hidden_layers'>,
  t: number,
  every: number | undefined,
  width: number,
): TowerBytes {
  // Sums and norms of both halves, queries, keys, values and their inputs; heads in fp32 if the model is not; feed-forward width
  // before and after the activation.
  const layer = t * (d * 7 * width + d * (width < 4 ? 8 : 4) + f * 2 * width)
  const widest = t * f * width * 2
  if (every === undefined) return { kept: layers * layer, transient: widest }
  return { kept: Math.ceil(layers / every) * t * d * width, transient: every * layer + widest }
}

/** Per image: the input of each convolution, norm and activation. */
function resNetBytes({ width: channels, layers, image_size }: ClipResNetConfig, width: number): number {
  const half = (image_size / 2) ** 2
  let numbers = half * (channels / 2 + channels / 2 + channels) * 3
  for (const [stage, blocks] of layers.entries()) {
    const places = (image_size / 2 ** (stage + 2)) ** 2
    numbers += blocks * places * channels * 2 ** stage * (2 + 4) * 3
  }
  return numbers * width
}

/** Without running statistics, which are not trained. */
export function* clipParameters(model: ClipConfig): Generator<WantedTensor, void> {
  for (const { isBuffer, ...tensor } of clipTensors(model)) if (!isBuffer) yield tensor
}
