/** Writes the card of the known-attack index. */

import type { AttackIndex } from '../src/similarity/attack-index.ts'
import type { ClassifierSource } from './classifier-sources.ts'
import type { HeldOutFigure } from './measure-similarity.ts'

export interface AttacksCard {
  readonly index: AttackIndex
  readonly sources: readonly ClassifierSource[]
  readonly figures: readonly HeldOutFigure[]
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

export async function attacksCard({ index, sources, figures }: AttacksCard): Promise<string> {
  const { attacks, benign, calibration } = index.file
  const rows = [...attacks.rows].map(([encoder, { set }]) => {
    const clusters = Math.max(0, set.parts.starts.length - 1)
    return `| ${encoder} | ${set.size} | ${set.parts.dimensions} | ${clusters || 'none: read by dimension'} |`
  })
  const tables = Object.entries(calibration).map(
    ([language, { count, scores }]) =>
      `| ${language} | ${count} | ${scores[3]!.toFixed(2)} | ${scores[7]!.toFixed(2)} | ${scores[9]!.toFixed(2)} | ${scores[11]!.toFixed(2)} |`,
  )
  return `# Known attacks

What \`similarityCheck\` compares texts with. Written by \`scripts/index-attacks.ts\`; not edited by hand.

${attacks.attacks.length} attacks, each as its whole and as windows of 24 words or 48 Han characters. Near copies are one, and windows that
benign texts come near to are left out. Of attacks of this repository the file holds the text; of all others no more than their
direction, in eight bits, and an id. ${benign.attacks.length} benign texts are in it as directions, so that nothing is learned that would block them.

| encoder | vectors | dimensions | clusters |
|---|---|---|---|
${rows.join('\n')}

## Made of

| source | licence | attacks | benign |
|---|---|---|---|
${sources
  .map(({ name, licence, rows }) => {
    const count = rows.filter(({ isAttack }) => isAttack).length
    return `| ${name} | ${licence} | ${count} | ${rows.length - count} |`
  })
  .join('\n')}

## How near benign windows come

Cosines, of windows that were compared with attacks sifted without their text.

| language | windows | 90 % below | 99 % | 99.8 % | highest |
|---|---|---|---|---|---|
${tables.join('\n')}

## Attacks of sources that are not in the index

The index is built without the source, and without any text of deepset, self-instruct and BELLE; benign texts of those are what false
positives are counted of.

| source | attacks | benign | read | recall at 1 % | recall as calibrated for 1 % | false positives then | recall at flat 0.8 | false positives then |
|---|---|---|---|---|---|---|---|---|
${figures
  .map((figure) => {
    const shares = [
      figure.read,
      figure.recallAtOne,
      figure.recall,
      figure.falsePositives,
      figure.flatRecall,
      figure.flatFalsePositives,
    ]
    return `| ${figure.source} | ${figure.attacks} | ${figure.benign} | ${shares.map(percent).join(' | ')} |`
  })
  .join('\n')}

## What it does not do

It knows what was seen before and what is close to that. New wording of a new source it mostly does not know: that is what the
classifier is for. In Chinese and in scripts other than Latin it compares spelling, not meaning.
`
}
