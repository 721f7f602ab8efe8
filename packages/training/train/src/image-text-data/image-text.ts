/** Captioned images: the interface between readers and training. */

export interface CaptionedImage {
  /** A path, or the bytes of a file. */
  readonly image: string | Uint8Array
  /** One or more, no two alike. */
  readonly captions: readonly string[]
  /** The image's name in the data; used in reports and for the held-out split. */
  readonly name: string
  /** Where it first occurs in the data: `pairs.jsonl:12`. */
  readonly place: string
}

/** An unusable row. Training continues without it; the run's start reports how many and which. */
export interface SkippedRow {
  readonly place: string
  readonly kind: 'no image' | 'no caption' | 'not decoded' | 'bad row'
  readonly reason: string
}

export interface ImageTextData {
  /** Each image once. */
  readonly rows: readonly CaptionedImage[]
  readonly skipped: readonly SkippedRow[]
}

/** In memory: an image with one or more captions. */
export interface ImageTextPair {
  readonly image: string | Uint8Array
  readonly caption?: string
  readonly captions?: readonly string[]
  /** Default: its path, or `image 3`. */
  readonly name?: string
}

/**
 * Pairs in memory. The same name or bytes object twice is one image with more captions.
 *
 * @example
 * ```ts
 * import { imageTextOf } from '@hadal/train'
 *
 * const data = imageTextOf([{ image: 'cat.jpg', caption: 'a cat on a mat' }])
 * data.rows.length // → 1
 * ```
 */
export function imageTextOf(pairs: readonly ImageTextPair[]): ImageTextData {
  const collected = collectImages()
  pairs.forEach((pair, index) => {
    const place = `pair ${index + 1}`
    const name = pair.name ?? (typeof pair.image === 'string' ? pair.image : `image ${index + 1}`)
    const captions = captionsOf(pair)
    if ('issue' in captions) collected.skip({ place, kind: captions.kind, reason: captions.issue })
    else collected.add({ image: pair.image, name, place, captions: captions.captions })
  })
  return collected.data()
}

export interface CaptionIssue {
  readonly kind: 'no caption' | 'bad row'
  readonly issue: string
}

/** Captions from a row's `caption` and `captions`: trimmed, without empty ones. */
export function captionsOf(row: {
  readonly caption?: unknown
  readonly captions?: unknown
}): { readonly captions: readonly string[] } | CaptionIssue {
  const { caption, captions } = row
  if (caption === undefined && captions === undefined) {
    return { kind: 'no caption', issue: 'it has neither caption nor captions' }
  }
  if (caption !== undefined && captions !== undefined) {
    return { kind: 'bad row', issue: 'it has both caption and captions' }
  }
  const given: unknown[] = Array.isArray(captions) ? captions : [caption ?? captions]
  const wrong = given.findIndex((text) => typeof text !== 'string')
  if (wrong >= 0)
    return { kind: 'bad row', issue: `caption must be a string, got ${JSON.stringify(given[wrong])}` }
  const texts = (given as string[]).map((text) => text.trim()).filter((text) => text !== '')
  return texts.length > 0 ? { captions: texts } : { kind: 'no caption', issue: 'its caption is empty' }
}

/** Groups captions by image, in the order of the data. */
export function collectImages(): {
  add(row: CaptionedImage): void
  skip(row: SkippedRow): void
  data(): ImageTextData
} {
  const images = new Map<string | Uint8Array, CaptionedImage>()
  const skipped: SkippedRow[] = []
  return {
    add(row) {
      const known = images.get(row.image)
      const captions = [...new Set([...(known?.captions ?? []), ...row.captions])]
      images.set(row.image, { ...(known ?? row), captions })
    },
    skip: (row) => void skipped.push(row),
    data: () => ({ rows: [...images.values()], skipped }),
  }
}
