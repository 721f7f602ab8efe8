/**
 * Embeds images and texts with the encoders of a folder, in batches, so that memory is bounded. Loads libtorch. Knows nothing of
 * recall, classes or pages.
 */

import { availableParallelism } from 'node:os'
import type { Towers } from '@hadal/engine/towers'
import { decodeImage, type Normalization, type Pixels, toPlanes } from '@hadal/images'
import { planClip } from '@hadal/nn'
import { type CaptionedImage, decodeRows, type Embeddings, type SkippedRow } from '@hadal/train'
import { openClip } from '../clip/open-clip.ts'

/** Read at once. */
const batch = 32

export interface OpenedTowers {
  readonly towers: Towers
  /** Preprocessed for this folder. */
  decode(image: string | Uint8Array): Promise<Pixels>
  readonly normalization: Normalization
}

/** Throws if the folder is invalid. */
export async function openTowers(folder: string, threads?: number): Promise<OpenedTowers> {
  const towers = await openClip({
    folder,
    threads: threads ?? availableParallelism(),
    threadsReason: threads === undefined ? 'all there are' : 'as asked for',
  })
  const { mean, std, fit } = planClip(folder).preprocessing
  const { size } = towers.model.images
  return {
    towers,
    normalization: { mean, std },
    decode: (image) => decodeImage(image, { width: size, height: size, fit }),
  }
}

export interface EmbeddedImages {
  /** Those that decode, in their order. */
  readonly rows: readonly CaptionedImage[]
  readonly embeddings: Embeddings
  readonly skipped: readonly SkippedRow[]
}

/** @param onProgress how many are done */
export async function embedImages(
  { towers, decode, normalization }: OpenedTowers,
  rows: readonly CaptionedImage[],
  onProgress: (done: number) => void,
): Promise<EmbeddedImages> {
  const kept: CaptionedImage[] = []
  const skipped: SkippedRow[] = []
  const vectors: Float32Array[] = []
  const decodeFrom = (start: number) =>
    decodeRows({ rows: rows.slice(start, start + batch), skipped: [] }, ({ image }) => decode(image))
  let next = decodeFrom(0)
  for (let start = 0; start < rows.length; start += batch) {
    const decoded = await next
    // The next ones are decoded while these are computed.
    next = decodeFrom(start + batch)
    next.catch(() => {})
    kept.push(...decoded.rows)
    skipped.push(...decoded.skipped)
    if (decoded.images.length > 0) {
      const planes = decoded.images.map((image) => toPlanes([image], normalization))
      vectors.push(...towers.embedImages(planes))
    }
    onProgress(Math.min(rows.length, start + batch))
  }
  return { rows: kept, embeddings: joined(vectors, towers), skipped }
}

/** Longer texts lose what comes before their end. */
export function embedTexts(
  { towers }: OpenedTowers,
  texts: readonly string[],
  onProgress: (done: number) => void,
): Embeddings {
  const vectors: Float32Array[] = []
  for (let start = 0; start < texts.length; start += batch) {
    const tokens = texts.slice(start, start + batch).map((text) => cut(towers.tokenize(text), towers))
    vectors.push(...towers.embedTexts(tokens))
    onProgress(Math.min(texts.length, start + batch))
  }
  return joined(vectors, towers)
}

const cut = (tokens: readonly number[], { model }: Towers): readonly number[] =>
  tokens.length <= model.contextLength
    ? tokens
    : [...tokens.slice(0, model.contextLength - 1), tokens.at(-1)!]

function joined(vectors: readonly Float32Array[], { model }: Towers): Embeddings {
  const width = model.embeddingLength
  const values = new Float32Array(vectors.length * width)
  vectors.forEach((vector, row) => {
    values.set(vector, row * width)
  })
  return { values, count: vectors.length, width }
}
