/**
 * Opens a CLIP folder for serving: encoders computed by libtorch without gradients, images decoded by libvips and preprocessed as
 * the folder specifies. Runs in the process of that model alone. Does not handle requests.
 */

import { statSync } from 'node:fs'
import type { OpenTowers, Towers } from '@hadal/engine/towers'
import { decodeImage, findFormat, type ImageLimits, toPlanes } from '@hadal/images'
import {
  type ClipConfig,
  type ClipPlan,
  captionBatch,
  clipParameterCount,
  isResNetTower,
  type LoadedTokenizer,
  loadClip,
  loadTokenizer,
} from '@hadal/nn'
import { noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { captionBeginMissing, drawingRefused } from '../errors.ts'

/** Limits for untrusted images. The time includes queueing for a thread. */
const limits: Partial<ImageLimits> = { maxPixels: 2 ** 25, timeoutMs: 30_000 }

/** Throws if the folder is invalid. */
export const openClip: OpenTowers = async ({ folder, threads, threadsReason }) => {
  setNumThreads(threads)
  const tokenizer = loadTokenizer(folder)
  const start = beginOf(folder, tokenizer)
  const { model, plan } = loadClip(folder)
  const { config } = model
  const { text_config: text, vision_config: vision, projection_dim: width } = config
  const size = vision.image_size
  const tokens = { start, end: tokenizer.endOfText, length: text.max_position_embeddings }
  return {
    model: {
      architecture: 'clip',
      parameterCount: clipParameterCount(config).total,
      fileBytes: weightBytes(plan),
      memoryBytes: plan.parameterBytes,
      contextLength: text.max_position_embeddings,
      vocabularySize: text.vocab_size,
      embeddingLength: width,
      images: { size, tokens: positionsOf(config) },
      // Texts are read at their end token under causal attention: padding after it changes nothing.
      paddedLength: (length) => length,
    },
    choices: [`threads: ${threads} (${threadsReason})`, `towers: fp32, images of ${size} x ${size} pixels`],
    tokenize: (given) => [start, ...tokenizer.tokenizer.encode(given), tokens.end],
    async decode(image, name) {
      const found = findFormat(image)
      if (found !== undefined && 'format' in found && found.format === 'svg') throw drawingRefused(name)
      const { mean, std, fit } = plan.preprocessing
      const pixels = await decodeImage(image, { width: size, height: size, fit, name, limits })
      return toPlanes([pixels], { mean, std })
    },
    embedTexts: (texts) =>
      vectors(width, () =>
        model.embedTexts(
          captionBatch(
            texts.map((ids) => ids.slice(1, -1)),
            tokens,
          ),
        ),
      ),
    embedImages: (images) => vectors(width, () => model.embedImages(batchOf(images, size))),
  } satisfies Towers
}

/** [b, e] to a vector of each. */
function vectors(width: number, compute: () => Tensor): Float32Array[] {
  const all = noGrad(() => scope(() => compute().float().toTypedArray() as Float32Array))
  return Array.from({ length: all.length / width }, (_, at) => all.subarray(at * width, (at + 1) * width))
}

/** Planes of each image to [b, c, h, w]. */
function batchOf(images: readonly Float32Array[], size: number): Tensor {
  const each = 3 * size * size
  const all = new Float32Array(images.length * each)
  for (const [at, planes] of images.entries()) all.set(planes, at * each)
  return torch.tensor(all, { shape: [images.length, 3, size, size] })
}

/** Positions that the encoder computes of one image: patches, or positions of the last stage, and the pooled one. */
function positionsOf({ vision_config: vision }: ClipConfig): number {
  const stride = isResNetTower(vision) ? 32 : vision.patch_size
  return Math.floor(vision.image_size / stride) ** 2 + 1
}

/** The id that begins a caption. Throws `caption_begin_missing`. */
function beginOf(folder: string, { tokenizer, bosToken }: LoadedTokenizer): number {
  const begin = [bosToken, '<|startoftext|>'].find((token) => tokenizer.specialTokens.has(token))
  if (begin === undefined) throw captionBeginMissing(folder)
  return tokenizer.special(begin)
}

const weightBytes = ({ tensors }: ClipPlan): number =>
  [...new Set(tensors.map(({ stored }) => stored.path))].reduce((sum, path) => sum + statSync(path).size, 0)
