/** Recall of each layer alone at a maximum number of false positives per language, and texts only it detects. Pure. */

import { type Asked, type LayerName, layers } from './asked.ts'

export interface LayerFigures {
  readonly attacks: number
  readonly benign: number
  /** Share of the attacks that are stopped. */
  readonly recall: number
  /** Share of the benign texts that are. */
  readonly wrongly: number
  /** Attacks that no other layer stops. */
  readonly onlyIt: number
  /** It stops attacks alone, surely more of them than of benign texts. */
  readonly brings: boolean
}

export type GroupFigures = Readonly<Record<LayerName | 'all', LayerFigures>>

/** `all`: what any layer stops, where all together may stop as many benign texts as each alone. */
export function groupFigures(asked: readonly Asked[], rate: number): GroupFigures {
  const stopped = stoppedBy(asked, rate)
  const figuresOf = (name: LayerName | 'all'): LayerFigures => {
    const others = layers.filter((layer) => layer !== name)
    const isOnlyIt = (at: number): boolean =>
      stopped[name][at]! && name !== 'all' && others.every((layer) => !stopped[layer][at]!)
    const count = (isAttack: 0 | 1, is: (at: number) => boolean): number =>
      asked.filter((row, at) => row[2] === isAttack && is(at)).length
    const [attacks, benign] = [count(1, () => true), count(0, () => true)]
    const onlyIt = count(1, isOnlyIt)
    const wronglyOnlyIt = count(0, isOnlyIt)
    return {
      attacks,
      benign,
      recall: attacks === 0 ? 0 : count(1, (at) => stopped[name][at]!) / attacks,
      wrongly: benign === 0 ? 0 : count(0, (at) => stopped[name][at]!) / benign,
      onlyIt,
      brings: benign > 0 && lowest(onlyIt, attacks) > wronglyOnlyIt / benign,
    }
  }
  return {
    rules: figuresOf('rules'),
    classifier: figuresOf('classifier'),
    similarity: figuresOf('similarity'),
    all: figuresOf('all'),
  }
}

type Stopped = Readonly<Record<LayerName | 'all', readonly boolean[]>>

/**
 * A layer may stop the highest-scoring benign texts of a language, up to the rate; whatever it scores above the next one is stopped.
 * Together, each layer may stop the same number, the largest that keeps all of them within the rate.
 */
function stoppedBy(asked: readonly Asked[], rate: number): Stopped {
  const stopped = {
    rules: asked.map(() => false),
    classifier: asked.map(() => false),
    similarity: asked.map(() => false),
    all: asked.map(() => false),
  }
  for (const language of new Set(asked.map((row) => row[1]))) {
    const own = [...asked.keys()].filter((at) => asked[at]![1] === language)
    const benign = own.filter((at) => asked[at]![2] === 0)
    // Without benign texts the false-positive rate is unknown.
    if (benign.length === 0) continue
    const most = Math.floor(rate * benign.length)
    const above = layers.map((_, layer) => aboveMost(asked, benign, layer))
    for (const at of own)
      for (const [layer, name] of layers.entries()) stopped[name][at] = above[layer]!(at, most)
    const anyOf = (at: number, each: number): boolean => above.some((is) => is(at, each))
    let each = most
    while (each > 0 && benign.filter((at) => anyOf(at, each)).length > most) each -= 1
    for (const at of own) stopped.all[at] = anyOf(at, each)
  }
  return stopped
}

/** Whether a layer scores a text above all but `most` of the benign ones. */
function aboveMost(
  asked: readonly Asked[],
  benign: readonly number[],
  layer: number,
): (at: number, most: number) => boolean {
  const scoreOf = (at: number): number => asked[at]![3 + layer] as number
  const scores = benign.map(scoreOf).toSorted((a, b) => b - a)
  return (at, most) => scoreOf(at) > scores[Math.min(most, scores.length - 1)]!
}

/** Lower end of the 95 % Wilson interval (1927) of a share. */
function lowest(count: number, of: number): number {
  if (count === 0 || of === 0) return 0
  const [z, share] = [1.959964, count / of]
  const middle = share + z ** 2 / (2 * of)
  const reach = z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2))
  return (middle - reach) / (1 + z ** 2 / of)
}
