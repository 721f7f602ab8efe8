/**
 * Retrieval quality: Recall@k and median rank, in both directions between images and captions. Pure.
 *
 * A query may have several right items; the best-ranked one counts (as on COCO and Flickr30k). Ties count against it: an item with
 * the same score ranks before the right one, so a constant model retrieves nothing.
 */

import { type Embeddings, forEachScores } from './embeddings.ts'

export interface Hit {
  readonly item: number
  readonly score: number
}

export interface QueryResult {
  /** Wrong items that score at least as high as the best right one: 0 if it ranks first. */
  readonly rank: number
  /** The best right one. */
  readonly right: Hit
  /** The highest scores in descending order; wrong items first among ties. */
  readonly top: readonly Hit[]
}

export interface Recall {
  /** The share of queries with rank < k, for each k. */
  readonly at: Readonly<Record<number, number>>
  /** Ranks count from 1. */
  readonly medianRank: number
  readonly queries: number
}

/**
 * For each query, the rank of the first right item and the nearest items.
 * @param right the items that belong to each query, one or more
 * @param top how many of the highest scores are kept for each
 *
 * @example
 * ```ts
 * import { normalizeRows, rankQueries } from '@hadal/train'
 *
 * const texts = normalizeRows({ values: new Float32Array([1, 0, 0, 1]), count: 2, width: 2 })
 * const images = normalizeRows({ values: new Float32Array([1, 0, 0, 1]), count: 2, width: 2 })
 * rankQueries(texts, images, [[0], [1]]).map(({ rank }) => rank) // → [ 0, 0 ]
 * ```
 */
export function rankQueries(
  queries: Embeddings,
  items: Embeddings,
  right: readonly (readonly number[])[],
  top = 5,
): QueryResult[] {
  const results: QueryResult[] = []
  forEachScores(queries, items, (query, scores) => {
    results.push(rankQuery(scores, new Set(right[query]), top))
  })
  return results
}

function rankQuery(scores: Float32Array, right: ReadonlySet<number>, top: number): QueryResult {
  let best: Hit = { item: -1, score: Number.NaN }
  for (const item of right) {
    if (!(scores[item]! <= best.score)) best = { item, score: scores[item]! }
  }
  let rank = 0
  scores.forEach((score, item) => {
    // NaN scores rank last, so a model that outputs NaN retrieves nothing.
    if (!right.has(item) && !(score < best.score)) rank++
  })
  return { rank, right: best, top: highest(scores, right, top) }
}

function highest(scores: Float32Array, right: ReadonlySet<number>, count: number): Hit[] {
  const hits: Hit[] = []
  const isBefore = (one: Hit, other: Hit): boolean =>
    one.score > other.score || (one.score === other.score && !right.has(one.item) && right.has(other.item))
  scores.forEach((score, item) => {
    const hit = { item, score }
    let place = hits.length
    while (place > 0 && isBefore(hit, hits[place - 1]!)) place--
    if (place < count) {
      hits.splice(place, 0, hit)
      if (hits.length > count) hits.pop()
    }
  })
  return hits
}

/**
 * Share of queries whose right item is among the first k.
 *
 * @example
 * ```ts
 * import { recallOf } from '@hadal/train'
 *
 * recallOf([{ rank: 0 }, { rank: 3 }, { rank: 12 }, { rank: 0 }], [1, 5]).at // → { '1': 0.5, '5': 0.75 }
 * ```
 */
export function recallOf(
  results: readonly Pick<QueryResult, 'rank'>[],
  ks: readonly number[] = [1, 5, 10],
): Recall {
  const ranks = results.map(({ rank }) => rank).sort((one, other) => one - other)
  const share = (k: number): number => ranks.filter((rank) => rank < k).length / ranks.length
  const middle = (ranks.length - 1) / 2
  return {
    at: Object.fromEntries(ks.map((k) => [k, share(k)])),
    medianRank: (ranks[Math.floor(middle)]! + ranks[Math.ceil(middle)]!) / 2 + 1,
    queries: ranks.length,
  }
}

export interface Pairing {
  /** Every caption once, in the order of the images. */
  readonly texts: readonly string[]
  /** The images of each text; the texts of each image. */
  readonly imagesOfText: readonly (readonly number[])[]
  readonly textsOfImage: readonly (readonly number[])[]
}

/**
 * Matches captions and images. A caption shared verbatim by two images is one text that belongs to both.
 *
 * @example
 * ```ts
 * import { pairUp } from '@hadal/train'
 *
 * pairUp([['a cat', 'a pet'], ['a dog', 'a pet']]).imagesOfText // → [ [ 0 ], [ 0, 1 ], [ 1 ] ]
 * ```
 */
export function pairUp(captions: readonly (readonly string[])[]): Pairing {
  const numbers = new Map<string, number>()
  const imagesOfText: number[][] = []
  const textsOfImage = captions.map((own, image) =>
    [...new Set(own)].map((text) => {
      const number = numbers.get(text) ?? numbers.size
      numbers.set(text, number)
      imagesOfText[number] = [...(imagesOfText[number] ?? []), image]
      return number
    }),
  )
  return { texts: [...numbers.keys()], imagesOfText, textsOfImage }
}
