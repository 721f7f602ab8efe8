/** Contribution of each layer. Pure. */

import type { Judgement, Plot } from '../../claim.ts'
import { type Group, type LayerName, layers, type PackedAsked, unpacked } from './asked.ts'
import { type GroupFigures, groupFigures, type LayerFigures } from './layer-figures.ts'

export interface Raw {
  readonly seed: number
  /** Held out, all folds together. */
  readonly topics: number
  /** Texts, for each fold. */
  readonly trainedOn: readonly number[]
  readonly asked: readonly PackedAsked[]
  /** Measured on benign texts. */
  readonly p50Micros: Readonly<Record<LayerName | 'views', number>>
}

/** Maximum share of a language's benign texts that each layer may block. */
const rate = 0.01

export function judge({ seed, topics, trainedOn, asked, p50Micros }: Raw): Judgement {
  const of = (group: Group): GroupFigures =>
    groupFigures(unpacked(asked.filter((each) => each.group === group)), rate)
  const [unseen, learnt] = [of('unseen'), of('learnt')]
  for (const { attacks, benign } of [unseen.all, learnt.all])
    if (attacks === 0 || benign === 0) throw new Error('no attacks or no benign texts were asked about')
  const bringsOn = (figures: GroupFigures): LayerName[] => layers.filter((layer) => figures[layer].brings)
  const [onUnseen, onLearnt] = [bringsOn(unseen), bringsOn(learnt)]
  const anywhere = new Set([...onUnseen, ...onLearnt])
  return {
    verdict:
      onUnseen.length === layers.length ? 'reproduced' : anywhere.size > 1 ? 'partly' : 'not reproduced',
    measured: `only this layer stops, of ${unseen.all.attacks} unseen attacks: ${only(unseen)}`,
    conditions: `classifier and index made anew ${trainedOn.length} times of the guard's own English and Chinese texts (${trainedOn.join(', ')}), asked about ${unseen.all.attacks} unseen attacks and ${unseen.all.benign} benign texts of ${topics} other topics, then about ${learnt.all.attacks} of them learnt and altered; seed ${seed}. Texts of one author, benign ones full of trigger words: harder than usual traffic`,
    reason: reasonOf(unseen, learnt, anywhere, p50Micros),
    plots: [recallPlot(unseen, learnt), alonePlot(unseen, learnt)],
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`
const recalls = (figures: GroupFigures): string =>
  [...layers, 'all' as const].map((name) => `${percent(figures[name].recall)} ${name}`).join(', ')

const only = (figures: GroupFigures): string =>
  layers.map((layer) => `${layer} ${figures[layer].onlyIt}`).join(', ')

function reasonOf(
  unseen: GroupFigures,
  learnt: GroupFigures,
  anywhere: ReadonlySet<LayerName>,
  micros: Raw['p50Micros'],
): string {
  const onlyLearnt = layers.filter((layer) => !unseen[layer].brings && learnt[layer].brings)
  const nothing = layers.filter((layer) => !anywhere.has(layer))
  const told = [
    `At 1 % of benign texts: ${recalls(unseen)}. Of ${learnt.all.attacks} attacks that were learnt and came again altered, only this layer stops: ${only(learnt)} (${recalls(learnt)}).`,
    ...onlyLearnt.map(
      (layer) =>
        `${capital(layer)} brings nothing on attacks unlike those it knows: it is for what was learnt.`,
    ),
    'All share the 1 %, so together they may stop fewer than the best alone.',
    ...nothing.map(
      (layer) => `${capital(layer)} stops no more attacks than benign texts that the others let through.`,
    ),
    `P50 of a text: ${layers.map((layer) => `${layer} ${Math.round(micros[layer])} µs`).join(', ')}, views ${Math.round(micros.views)} µs.`,
  ]
  return told.join(' ')
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1)

function recallPlot(unseen: GroupFigures, learnt: GroupFigures): Plot {
  return barsOf(
    `Attacks stopped at ${100 * rate} % of benign texts`,
    '%',
    unseen,
    learnt,
    [...layers, 'all'],
    (figures) => 100 * figures.recall,
  )
}

function alonePlot(unseen: GroupFigures, learnt: GroupFigures): Plot {
  return barsOf(
    'Attacks that only this layer stops',
    '%',
    unseen,
    learnt,
    layers,
    (figures) => (100 * figures.onlyIt) / Math.max(1, figures.attacks),
  )
}

function barsOf(
  title: string,
  unit: string,
  unseen: GroupFigures,
  learnt: GroupFigures,
  names: readonly (LayerName | 'all')[],
  read: (figures: LayerFigures) => number,
): Plot {
  const groups = [['unseen', unseen] as const, ['learnt', learnt] as const]
  return {
    kind: 'bars',
    title,
    unit,
    bars: groups.flatMap(([group, figures]) =>
      names.map((name) => ({ name: `${group}: ${name}`, value: read(figures[name]) })),
    ),
  }
}
