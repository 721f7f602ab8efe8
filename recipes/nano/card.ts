// Writes the nano model's card, `models/nano/README.md`, and its loss curves, `models/nano/loss.svg`, from what training,
// export and evaluation left in files. No figure on the card is typed in.
//
//   npx tsx --conditions=@hadal/source recipes/nano/card.ts
//
// --run runs/nano      folder of the run: plan and metrics
// --out models/nano    folder of the model: its GGUF and evaluation.json; the card goes there

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { serviceSettings } from '@hadal/config'
import { readMetrics } from '@hadal/train'
import type { CardFacts, RunFacts } from './card/card-facts.ts'
import { lossPlot } from './card/loss-plot.ts'
import { section } from './card/markdown.ts'
import { modelFacts } from './card/model-facts.ts'
import { cardPage } from './card/page.ts'
import { publishedRun } from './card/published-run.ts'
import { type StageFigures, stageFigures } from './card/training-figures.ts'
import type { Evaluation } from './evaluation/evaluation.ts'
import { fullSize, type NanoSize, type Stage } from './sizes.ts'

export interface CardFolders {
  readonly run: string
  readonly out: string
}

/** What a card is about, besides what files say. */
export interface CardSubject {
  readonly recipe: string
  readonly size: NanoSize
  readonly run: RunFacts
  readonly place: string
  readonly start: string
  /** Sections that compare the model with another. */
  comparison?(facts: Omit<CardFacts, 'comparison'>): readonly string[]
}

const nano: CardSubject = {
  recipe: 'nano',
  size: fullSize,
  run: publishedRun,
  place: 'It comes with Hadal so that the first `npm start` has something to serve.',
  start: 'npm start',
}

export function writeCard(folders: CardFolders, subject: CardSubject = nano): void {
  const gathered = gatherFacts(folders, subject)
  const facts = { ...gathered, comparison: subject.comparison?.(gathered) ?? [] }
  const { pretrain, chat } = facts.stages
  const panels = [
    { title: 'Text', figures: pretrain },
    { title: 'Conversations (answers only)', figures: chat },
  ]
  writeFileSync(join(folders.out, 'loss.svg'), lossPlot(panels))
  writeFileSync(join(folders.out, 'README.md'), cardPage(facts))
}

function gatherFacts({ run, out }: CardFolders, subject: CardSubject): Omit<CardFacts, 'comparison'> {
  const json = <Content>(path: string): Content => JSON.parse(readFileSync(path, 'utf8')) as Content
  const plan = json<Record<Stage, number>>(join(run, 'plan.json'))
  const stage = (name: Stage): StageFigures =>
    stageFigures(name, readMetrics(join(run, name, 'metrics.jsonl')), plan[name], subject.size)
  const fileName = readdirSync(out).find((name) => name.endsWith('.gguf'))
  if (fileName === undefined) throw new Error(`${out} holds no GGUF file; train the model first`)
  const dataReadme = fileURLToPath(new URL('./data/README.md', import.meta.url))
  return {
    recipe: subject.recipe,
    place: subject.place,
    start: subject.start,
    model: modelFacts(join(out, fileName)),
    fileName,
    url: `http://${serviceSettings.host.default}:${serviceSettings.port.default}`,
    stages: { pretrain: stage('pretrain'), chat: stage('chat') },
    windowLength: subject.size.windowLength,
    evaluation: json<Evaluation>(join(out, 'evaluation.json')),
    dataSection: section(readFileSync(dataReadme, 'utf8'), 'Data').replace(/^_\(.*\)_\n+/, ''),
    run: subject.run,
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values: folders } = parseArgs({
    options: {
      run: { type: 'string', default: 'runs/nano' },
      out: { type: 'string', default: 'models/nano' },
    },
  })
  writeCard(folders)
  process.stderr.write(`wrote ${join(folders.out, 'README.md')} and loss.svg\n`)
}
