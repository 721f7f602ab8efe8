// How the model card shows an evaluation: the summary, the table by kind, the samples, the mistakes.

import type { Evaluation, Score, SplitScores } from '../evaluation/evaluation.ts'
import { formFaults } from '../evaluation/form-issue.ts'
import { literal, table } from './markdown.ts'

const splitNames = { phrasing: 'known, new wording', fact: 'new' } as const

export function summary({ total }: Evaluation): string {
  const { phrasing, fact } = total
  const sentences = [
    phrasing &&
      `Of held-out questions about what it was taught, in new words, it answers ${share(phrasing)} right`,
    fact && `of those about what no training conversation has, ${share(fact)}`,
  ]
  return `${sentences.filter(Boolean).join('; ')}.`
}

export function accuracyTable({ kinds, total }: Evaluation): string {
  const row = (name: string, scores: SplitScores): string[] => [
    name,
    share(scores.phrasing),
    share(scores.fact),
    formed(scores),
  ]
  return table(
    ['kind', splitNames.phrasing, splitNames.fact, 'well formed'],
    [
      ...Object.entries(kinds).map(([kind, scores]) => row(kind.replaceAll('_', ' '), scores)),
      row('**all**', total),
    ],
  )
}

/** Kinds it gets wrong more often than right, where enough were asked to say so. */
export function weakestKinds({ kinds }: Evaluation): string {
  const weak = Object.entries(kinds).flatMap(([kind, scores]) =>
    (['phrasing', 'fact'] as const).flatMap((split) => {
      const score = scores[split]
      if (!score || score.checked < 10 || score.right * 2 >= score.checked) return []
      return [{ name: `${kind.replaceAll('_', ' ')} (${splitNames[split]})`, score }]
    }),
  )
  if (weak.length === 0) return ''
  weak.sort((a, b) => a.score.right / a.score.checked - b.score.right / b.score.checked)
  return `More often wrong than right: ${weak.map(({ name, score }) => `${name}, ${share(score)}`).join('; ')}.`
}

export function formLegend({ formFaults: found }: Evaluation): string {
  const faults = Object.entries(formFaults).map(
    ([fault, meaning]) => `- ${fault}: ${meaning} (${found[fault] ?? 0} replies)`,
  )
  return `*Well formed* is what rules can tell of form, not of grammar or truth: a reply with none of these faults, of which the first counts.\n\n${faults.join('\n')}`
}

export function sampleList({ samples }: Evaluation): string {
  const shown = samples.map((turns, index) => {
    const lines = turns.flatMap(({ question, inTraining, reply }) => [
      `**${literal(question)}**${inTraining ? ' †' : ''}`,
      literal(reply),
    ])
    const number = `${index + 1}. `
    return `${number}> ${lines.join(`<br>\n${' '.repeat(number.length)}> `)}`
  })
  return shown.join('\n\n')
}

export function mistakeList({ mistakes }: Evaluation): string {
  if (mistakes.length === 0) return ''
  const shown = mistakes.map(({ kind, questions, answer, reply }) => [
    kind.replaceAll('_', ' '),
    literal(questions.join('\n')),
    literal(reply),
    literal(answer),
  ])
  const rows = table(['kind', 'asked', 'reply', 'expected'], shown, 'left')
  return `<details><summary>The first mistake of each kind, unedited</summary>\n\n${rows}\n\n</details>`
}

function share(score: Score | undefined): string {
  if (!score || score.checked === 0) return '–'
  return `${Math.round((100 * score.right) / score.checked)} % (${score.right}/${score.checked})`
}

function formed({ phrasing, fact }: SplitScores): string {
  const add = (key: 'asked' | 'wellFormed'): number => (phrasing?.[key] ?? 0) + (fact?.[key] ?? 0)
  return `${Math.round((100 * add('wellFormed')) / add('asked'))} % (${add('wellFormed')}/${add('asked')})`
}
