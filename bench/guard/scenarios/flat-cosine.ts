/**
 * What a flat cosine of 0.8 to known attacks does, as guides recommend it: with a sentence encoder that knows English alone, and with
 * the encoders that come with the guard. Attacks and benign texts are of sources that are not among the known ones.
 */

import { join } from 'node:path'
import {
  type LabelledText,
  loadNgramEncoder,
  loadStaticEncoder,
  ownTexts,
  readLabelledTexts,
} from '@hadal/guard'
import { type Share, shareOf } from '@hadal/guard-training'
import { openTeacher } from '../../../packages/serving/guard/scripts/distill/teacher.ts'
import { markdownTable, writeReport } from '../../report-files.ts'

const flat = 0.8
/** Of each kind of text, evenly chosen: the teacher takes tens of milliseconds for one. */
const most = 600
/** Of a text, in characters. */
const longest = 600

type Embed = (texts: readonly string[]) => Promise<readonly Float32Array[]>

export async function flatCosine({ data, teacher }: { data: string; teacher: string }): Promise<void> {
  const rows: LabelledText[] = []
  for (const file of ['deepset', 'benign_en', 'jailbench_zh', 'benign_zh'])
    for await (const row of readLabelledTexts(join(data, `${file}.jsonl`))) rows.push(row)
  const own = await ownTexts()
  const english = await openTeacher(teacher)
  const encoders: readonly (readonly [name: string, en: Embed, zh: Embed])[] = [
    ['Universal Sentence Encoder lite', english.embed, english.embed],
    [
      'those that come with Hadal',
      async (texts) => await loadStaticEncoder().encode(texts),
      async (texts) => await loadNgramEncoder().encode(texts),
    ],
  ]
  const measured: { language: 'en' | 'zh'; encoder: string; known: number; attacks: Share; benign: Share }[] =
    []
  for (const language of ['en', 'zh'] as const) {
    const textsOf = (from: readonly LabelledText[], isAttack: boolean): string[] =>
      evenly(from.filter((row) => row.language === language && row.isAttack === isAttack)).map(({ text }) =>
        text.slice(0, longest),
      )
    const [known, attacks, benign] = [textsOf(own, true), textsOf(rows, true), textsOf(rows, false)]
    for (const [encoder, en, zh] of encoders) {
      const embed = language === 'en' ? en : zh
      const index = await embed(known)
      const near = async (texts: readonly string[]): Promise<Share> => {
        const vectors = await embed(texts)
        return shareOf(vectors.filter((one) => nearest(one, index) >= flat).length, texts.length)
      }
      measured.push({
        language,
        encoder,
        known: known.length,
        attacks: await near(attacks),
        benign: await near(benign),
      })
    }
  }
  writeReport('guard-flat-cosine', 'guard', { flat, measured }, (facts) => {
    const show = ({ share, count, of }: Share): string => `${(share * 100).toFixed(1)} % (${count} of ${of})`
    return `# A flat cosine of ${flat} to known attacks

${facts.date}, \`${facts.command}\`. ${facts.machine}.

Known: attacks of packages/serving/guard/data. Asked: deepset and self-instruct in English, JailBench and BELLE in Chinese, at most ${most} of each, evenly chosen, their first ${longest} characters; none of them is among the known. Stopped is what is that near to any known attack.

${markdownTable(
  ['language', 'encoder', 'known', 'attacks stopped', 'benign stopped'],
  measured.map(({ language, encoder, known, attacks, benign }) => [
    language,
    encoder,
    known,
    show(attacks),
    show(benign),
  ]),
)}
`
  })
}

function evenly<T>(all: readonly T[]): T[] {
  const step = Math.max(1, all.length / most)
  return Array.from({ length: Math.min(most, all.length) }, (_, at) => all[Math.floor(at * step)]!)
}

/** Vectors have unit length; those of no words have none. */
function nearest(one: Float32Array, index: readonly Float32Array[]): number {
  let best = -1
  for (const other of index) {
    let cosine = 0
    for (let at = 0; at < one.length; at += 1) cosine += one[at]! * other[at]!
    best = Math.max(best, cosine)
  }
  return best
}
