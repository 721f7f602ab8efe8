/** Attacks that are encoded or disguised, read with views and without. */

import { createGuard, type LabelledText, languageOf, triggerTexts, viewsOf } from '@hadal/guard'
import { askAll, builtInSeeds, isStopped, type Share, shareOf, withoutViews } from '@hadal/guard-training'
import { markdownTable, writeReport } from '../../report-files.ts'

const rot13 = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) => {
    const base = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base)
  })
const leet = (text: string): string =>
  text.replace(
    /[aeiost]/gi,
    (letter) => ({ a: '4', e: '3', i: '1', o: '0', s: '5', t: '7' })[letter.toLowerCase()]!,
  )
const lookAlike = (text: string): string =>
  text.replace(
    /[aceiopsxy]/g,
    (letter) => ({ a: 'а', c: 'с', e: 'е', i: 'і', o: 'о', p: 'р', s: 'ѕ', x: 'х', y: 'у' })[letter]!,
  )
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const hex = (text: string): string => Buffer.from(text).toString('hex')
const percent = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

const transforms: Readonly<Record<string, (text: string) => string>> = {
  none: (text) => text,
  base64,
  'base64 in base64': (text) => base64(base64(text)),
  hex,
  rot13,
  percent,
  'HTML entities': (text) => [...text].map((c) => `&#${c.codePointAt(0)};`).join(''),
  leetspeak: leet,
  'spaced letters': (text) => [...text].join(' '),
  'zero-width characters': (text) => [...text].join('\u200b'),
  'tag characters': (text) =>
    [...text]
      .map((c) => (c.charCodeAt(0) < 0x7f ? String.fromCodePoint(0xe0000 + c.charCodeAt(0)) : c))
      .join(''),
  'full-width letters': (text) =>
    text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
  'look-alike letters': lookAlike,
  'a base64 line in a mail': (text) =>
    `Dear team, attached is the schedule for Thursday.\n\n${base64(text)}\n\nPlease confirm until noon. Best regards, Anna`,
}

export async function views(): Promise<void> {
  using guard = createGuard()
  const row = (text: string): LabelledText => ({
    text,
    isAttack: true,
    source: 'bench',
    language: languageOf(text),
    role: 'user',
  })
  const steps = guard.stepsFor('user')
  const stopped = async (texts: readonly string[], read: typeof viewsOf): Promise<Share> => {
    let count = 0
    for (const text of texts) if (isStopped(await askAll(row(text), steps, read))) count += 1
    return shareOf(count, texts.length)
  }
  const measured: { name: string; plain: Share; viewed: Share }[] = []
  for (const [name, transform] of Object.entries(transforms)) {
    const texts = builtInSeeds.map(transform)
    measured.push({ name, plain: await stopped(texts, withoutViews), viewed: await stopped(texts, viewsOf) })
  }
  const triggers = (await triggerTexts()).map(({ text }) => text)
  const benign = { plain: await stopped(triggers, withoutViews), viewed: await stopped(triggers, viewsOf) }
  writeReport('guard-views', 'guard', { measured, benign }, (facts) => {
    const show = ({ share, count, of }: Share): string => `${(share * 100).toFixed(0)} % (${count} of ${of})`
    const all = (which: 'plain' | 'viewed'): string => {
      const disguised = measured.slice(1)
      const sum = (of: (share: Share) => number): number =>
        disguised.reduce((total, each) => total + of(each[which]), 0)
      return `${((sum(({ count }) => count) / sum(({ of }) => of)) * 100).toFixed(0)} %`
    }
    return `# Attacks that are encoded or disguised

${facts.date}, \`${facts.command}\`. ${facts.machine}.

${builtInSeeds.length} attacks in English and Chinese (those that \`hadal guard attack\` begins with), each under every transform; share that is stopped by the guard as it comes. Chinese characters have no rot13, leetspeak, tags or look-alikes: those leave them as they are.

${markdownTable(['transform', 'the text alone', 'with views'], [...measured.map(({ name, plain, viewed }) => [name, show(plain), show(viewed)]), ['**all transforms**', all('plain'), all('viewed')]])}

${triggers.length} benign texts full of trigger words, stopped: ${show(benign.plain)} without views, ${show(benign.viewed)} with them.
`
  })
}
