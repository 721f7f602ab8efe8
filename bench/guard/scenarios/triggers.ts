/** Benign texts full of the words that attacks are made of: how many are stopped. None of them was trained on. */

import { createGuard, type LabelledText, triggerTexts } from '@hadal/guard'
import { type Share, shareOf } from '@hadal/guard-training'
import { markdownTable, writeReport } from '../../report-files.ts'
import type { Peer } from '../peers.ts'

export async function triggers(peers: readonly Peer[]): Promise<void> {
  const texts = await triggerTexts()
  using guard = createGuard()
  const own: Peer = {
    name: '**Hadal**, as it comes',
    stops: async (text) => ['block', 'reply'].includes((await guard.screen(text)).action),
  }
  const measured: { name: string; all: Share; en: Share; zh: Share }[] = []
  const wrong: { text: string; by: string }[] = []
  for (const peer of [own, ...peers]) {
    const stopped = new Set<LabelledText>()
    for (const row of texts) if (await peer.stops(row.text)) stopped.add(row)
    const share = (language?: string): Share => {
      const asked = texts.filter((row) => language === undefined || row.language === language)
      return shareOf(asked.filter((row) => stopped.has(row)).length, asked.length)
    }
    measured.push({ name: peer.name, all: share(), en: share('en'), zh: share('zh') })
    if (peer === own)
      for (const { text } of stopped) wrong.push({ text, by: (await guard.screen(text)).findings[0]!.check })
  }
  writeReport('guard-triggers', 'guard', { texts: texts.length, measured, wrong }, (facts) => {
    const show = ({ share, low, high, count, of }: Share): string =>
      `${(share * 100).toFixed(1)} % (${(low * 100).toFixed(1)}-${(high * 100).toFixed(1)}), ${count} of ${of}`
    const rows = measured.map(({ name, all, en, zh }) => [name, show(all), show(en), show(zh)])
    const list = wrong.map(({ text, by }) => `- by ${by}: ${text.replaceAll(/\s+/g, ' ').slice(0, 160)}`)
    return `# Benign texts full of trigger words

${facts.date}, \`${facts.command}\`. ${facts.machine}.

${texts.length} texts such as "ignore the noise in this data set", from packages/serving/guard/data/trigger-words.jsonl, which no classifier here was trained on. Share that is stopped, with 95 % intervals (Wilson):

${markdownTable(['', 'all', 'English', 'Chinese'], rows)}

What Hadal stops of them:

${list.length === 0 ? '- nothing' : list.join('\n')}
`
  })
}
