/** Renders the model card of the bundled classifier as Markdown. Pure. */

import type { Classifier, HeldOutFigure } from '@hadal/guard'
import type { ClassifierSource } from '../../guard/scripts/classifier-sources.ts'

export interface CardFacts {
  readonly classifier: Classifier
  readonly sources: readonly ClassifierSource[]
  readonly seconds: number
  /** Benign prompts full of attack vocabulary, never trained on; how many were flagged at 1 %. */
  readonly triggers: { readonly found: number; readonly of: number }
}

export function classifierCard({ classifier, sources, seconds, triggers }: CardFacts): string {
  const { record, calibration } = classifier
  const { seed, attacks, benign, heldOut } = record
  const ours = heldOut.filter(({ source }) => source.startsWith('hadal:'))
  const others = heldOut.filter(({ source }) => !source.startsWith('hadal:'))
  return `# The classifier of @hadal/guard

<!-- Written by packages/serving/guard-training/scripts/train-classifier.ts. -->

Tells texts that attack a language model (that override its instructions, ask for its prompt, or talk it out of its rules) from texts
that do not. Logistic regression over hashed character and word n-grams, read in windows of 24 and of 12 words (48
and 24 Chinese characters) and as a whole; 2^20 weights of eight bits. In the same file a character 4-gram table, for passages that no language looks
like. English and Chinese; other languages in Latin letters are read as English, and it abstains for the rest.

## Data

${attacks} attacks and ${benign} benign texts, each text once. \`data/trigger-words.jsonl\` is never trained on.

${table(
  ['source', 'from', 'licence', 'attacks', 'benign'],
  sources.map(({ name, from, licence, rows }) => {
    const count = rows.filter(({ isAttack }) => isAttack).length
    return [name, from, licence, count, rows.length - count]
  }),
)}

The texts of other people are not in this repository. The weights are sums over hashes: no text can be read from them.

## Training

\`\`\`sh
node --conditions=@hadal/source --import tsx packages/serving/guard-training/scripts/train-classifier.ts --shared DIR --open DIR --seed ${seed}
\`\`\`

${Math.round(seconds)} seconds on one core, of which most is for measuring. The same files and seed give the same bytes. Each attack is also trained on with
typing noise (which benign texts get alike), within benign text, and without the words that weighed most for it the round before; of
benign texts some words are also said again and again.

## Held out

Each source was measured by a classifier that saw none of it, nor anything that nearly repeats it. Found: at 1 % false positives of the
language, all held-out benign texts together (at most 500 of one source, and without ours that were written to look like attacks).

${figures(others)}

Our own attacks, by kind, a quarter at a time left out (the other three quarters were trained on, so these are kinder than the figures
above):

${figures(ours.filter(({ attacks }) => attacks > 0))}

Our own benign texts:

${figures(ours.filter(({ attacks }) => attacks === 0))}

Benign prompts full of words that attacks use: ${triggers.found} of ${triggers.of} found.

Calibrated on ${Object.entries(calibration)
    .map(([language, { count }]) => `${count} texts (${language})`)
    .join(', ')}.

## Limits

- What it does not find is in the tables above. Attacks that read like any request (a calm story, a question of a harmful thing asked
  plainly) look benign to n-grams, and harm itself is not what it looks for.
- A short attack within 150 harmless words is mostly below the threshold of 1 %: the more windows a text has, the more chance has to
  be taken off. Many such are above that of 5 %.
- 1 % is of the benign texts above. Other traffic has other rates: \`hadal guard eval --thresholds-from\` measures yours.
- A person who may ask often enough finds words that pass. Rules, similarity and a budget of tries exist for that.
- Nobody should act on people by its verdicts: it reads texts, and it is wrong in the shares above.
`
}

function figures(list: readonly HeldOutFigure[]): string {
  const share = (count: number, of: number): string =>
    of === 0 ? '' : `${count} of ${of} (${((100 * count) / of).toFixed(1)} %)`
  return table(
    ['source', 'language', 'attacks found', 'benign found'],
    list.map(({ source, language, attacks, found, benign, foundBenign }) => [
      source,
      language,
      share(found, attacks),
      share(foundBenign, benign),
    ]),
  )
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
