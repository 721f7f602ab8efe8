/**
 * Floating-point operations of training on one pair, from a model's shape: 6 per weight and token or position, as for language
 * models; attention scores are counted as a full square.
 */

import { type ClipConfig, clipTensors, isResNetTower, towerOf } from '@hadal/nn'
import type { ImageTextPairs } from '../image-text-data/image-text-pairs.ts'
import { type ContrastiveObjective, contrastiveDefaults } from '../objective.ts'

/** FLOPs of one image with its captions, at their mean length. */
export function clipFlops(
  model: ClipConfig,
  { captions }: Pick<ImageTextPairs, 'captions'>,
  objective: ContrastiveObjective,
): number {
  const { captionsPerImage } = { ...contrastiveDefaults, ...objective }
  const texts = Math.min(captionsPerImage, meanOf(captions.map(({ length }) => length)))
  const tokens = meanOf(captions.flat().map(({ length }) => length))
  const { text_config: text } = model
  const ofTexts = towerWeights(model, 'text') * tokens + scores(text, tokens)
  return 6 * (ofTexts * texts + imageWork(model))
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length)

/** Products of queries with keys and of their weights with values. */
const scores = (
  { num_hidden_layers, hidden_size }: { readonly num_hidden_layers: number; readonly hidden_size: number },
  tokens: number,
): number => 2 * num_hidden_layers * hidden_size * tokens ** 2

function imageWork(model: ClipConfig): number {
  const { vision_config: vision } = model
  if (!isResNetTower(vision)) {
    const tokens = (vision.image_size / vision.patch_size) ** 2 + 1
    return towerWeights(model, 'image') * tokens + scores(vision, tokens)
  }
  let work = 0
  for (const { name, shape } of clipTensors(model)) {
    if (towerOf(name) !== 'image' || shape.length < 2) continue
    const stage = Number(/\.layer(\d)\./.exec(name)?.[1] ?? 0)
    const side = name.includes('attnpool') ? vision.image_size / 32 : vision.image_size / 2 ** (stage + 1)
    work += product(shape) * side ** 2
  }
  return work
}

/** All matrices of an encoder except embedding tables: each token, or patch, is multiplied by them. */
function towerWeights(model: ClipConfig, tower: 'text' | 'image'): number {
  let weights = 0
  for (const { name, shape } of clipTensors(model))
    if (towerOf(name) === tower && shape.length >= 2 && !/(token|position)_embedding\.weight$/.test(name))
      weights += product(shape)
  return weights
}

const product = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1)
