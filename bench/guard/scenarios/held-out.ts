/** What is caught of sources that the guard did not see, beside other packages on the same texts. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LabelledText, readLabelledTexts } from '@hadal/guard'
import { type RocPoint, type Share, type Summary, shareOf } from '@hadal/guard-training'
import { markdownTable, writeReport } from '../../report-files.ts'
import type { Peer } from '../peers.ts'

/** What `hadal guard eval --json` writes. */
interface EvalReport {
  readonly summary: Summary
  readonly measuredBy: readonly {
    sources: string[]
    texts: number
    retrained?: { on: number; dropped: number }
  }[]
  readonly withoutViews: { recall?: Share; recallAtRate?: Share; falsePositives?: Share }
  readonly roc: readonly { language: string; points: readonly RocPoint[] }[]
}

export interface HeldOutFlags {
  readonly data: string
  readonly also?: string | undefined
  /** JSON of an evaluation that ran before. */
  readonly evaluated?: string | undefined
}

export async function heldOut(
  { data, also, evaluated }: HeldOutFlags,
  peers: readonly Peer[],
): Promise<void> {
  if (data === '') throw new Error('--data: name a folder of JSONL files')
  const files = readdirSync(data)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(data, name))
  const report: EvalReport =
    evaluated === undefined ? evaluate(files, also) : JSON.parse(readFileSync(evaluated, 'utf8'))
  const texts: LabelledText[] = []
  for (const file of files) for await (const row of readLabelledTexts(file)) texts.push(row)
  const compared: ({ peer: string } & Asked)[] = []
  for (const peer of peers) compared.push({ peer: peer.name, ...(await ask(peer, texts)) })

  const ours = {
    summary: report.summary,
    measuredBy: report.measuredBy,
    withoutViews: report.withoutViews,
    roc: report.roc,
  }
  writeReport('guard-held-out', 'guard', { ...ours, peers: compared }, (facts) => {
    const { summary, measuredBy, withoutViews } = report
    const languages = [...summary.languages, summary.all]
    const group = ({ recall, recallAtRate, falsePositives }: Partial<typeof summary.all>): string[] => [
      show(recall),
      show(recallAtRate),
      show(falsePositives),
    ]
    const peerRows = ['en', 'zh'].flatMap((language) => {
      const own = summary.languages.find(({ name }) => name === language)
      return [
        [
          language,
          '**Hadal**, at 1 % of benign texts',
          show(own?.recallAtRate),
          show(own?.atRate?.falsePositives),
          '',
        ],
        [language, '**Hadal**, as it comes', show(own?.recall), show(own?.falsePositives), ''],
        ...compared.map(({ peer, byLanguage }) => {
          const { recall, falsePositives } = byLanguage[language]!
          return [
            language,
            peer,
            show(recall),
            show(falsePositives),
            atRate(report, language, falsePositives.share),
          ]
        }),
      ]
    })
    return `# What is caught of sources that the guard did not see

${facts.date}, \`${facts.command}\`. ${facts.machine}. Shares with 95 % intervals (Wilson).

Each source is measured by a guard whose classifier, index of attacks and thresholds were made without it and without near-duplicates of it:

${markdownTable(
  ['sources', 'texts', 'trained on', 'near-duplicates left out'],
  measuredBy.map(({ sources, texts: count, retrained }) => [
    sources.join(', '),
    count,
    retrained?.on ?? 'the guard as it is',
    retrained?.dropped ?? '',
  ]),
)}

${markdownTable(
  ['language', 'attacks', 'stopped', 'stopped at 1 % of benign', 'benign', 'wrongly stopped'],
  languages.map((each) => [
    each.name,
    each.recall?.of ?? 0,
    show(each.recall),
    show(each.recallAtRate),
    each.falsePositives?.of ?? 0,
    show(each.falsePositives),
  ]),
)}

${markdownTable(
  ['source', 'stopped', 'stopped at 1 % of benign', 'wrongly stopped'],
  summary.sources.map((each) => [each.name, ...group(each)]),
)}

What each layer brings:

${markdownTable(
  ['layers', 'stopped', 'stopped at 1 % of benign', 'wrongly stopped'],
  [
    ['all', ...group(summary.all)],
    ...summary.layers.map(({ layer, alone }) => [`${layer} alone`, ...group(alone)]),
    ...summary.layers.map(({ layer, without }) => [`all but ${layer}`, ...group(without)]),
    ['all, without views', ...group(withoutViews)],
  ],
)}

Beside packages that run within a process, on the same texts, each at the threshold it comes with. What they were trained on is not known: they may have seen these texts. The last column is what Hadal catches where it may stop as many benign texts as they do.

${markdownTable(['language', 'package', 'stopped', 'wrongly stopped', 'Hadal at that'], peerRows)}
`
  })
}

function evaluate(files: readonly string[], also: string | undefined): EvalReport {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-guard-bench-'))
  try {
    const out = join(folder, 'eval.json')
    const program = fileURLToPath(
      new URL('../../../packages/apps/cli/test/hadal-program.ts', import.meta.url),
    )
    const more = also === undefined ? [] : ['--also', also]
    const command = ['guard', 'eval', ...files, '--preset', 'default', ...more, '--json', out]
    const args = ['--conditions=@hadal/source', '--import', 'tsx', program, ...command]
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
    if (status !== 0) throw new Error(`hadal guard eval ended with ${status}`)
    return JSON.parse(readFileSync(out, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Asked {
  readonly all: { recall: Share; falsePositives: Share }
  readonly byLanguage: Readonly<Record<string, { recall: Share; falsePositives: Share }>>
}

async function ask(peer: Peer, texts: readonly LabelledText[]): Promise<Asked> {
  const stopped = new Set<LabelledText>()
  for (const row of texts) if (await peer.stops(row.text)) stopped.add(row)
  const shares = (rows: readonly LabelledText[]): Asked['all'] => {
    const [attacks, benign] = [true, false].map((is) => rows.filter(({ isAttack }) => isAttack === is))
    const share = (of: readonly LabelledText[]): Share =>
      shareOf(of.filter((row) => stopped.has(row)).length, of.length)
    return { recall: share(attacks!), falsePositives: share(benign!) }
  }
  return {
    all: shares(texts),
    byLanguage: Object.fromEntries(
      ['en', 'zh'].map((language) => [language, shares(texts.filter((row) => row.language === language))]),
    ),
  }
}

function atRate({ roc }: EvalReport, language: string, rate: number): string {
  const points = roc.find((curve) => curve.language === language)?.points ?? []
  const best = points.findLast(({ falsePositiveRate }) => falsePositiveRate <= rate)
  return best === undefined ? '' : `${(best.recall * 100).toFixed(1)} %`
}

const show = (share: Share | undefined): string =>
  share === undefined
    ? ''
    : `${(share.share * 100).toFixed(1)} % (${(share.low * 100).toFixed(1)}-${(share.high * 100).toFixed(1)})`
