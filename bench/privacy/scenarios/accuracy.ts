/** What privacy costs in accuracy: a recipe and its twin without privacy, on data that neither was tuned on, over several seeds. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fashionMnist, readFashionMnist } from '@hadal/images'
import { setNumThreads } from '@hadal/tensor'
import { defineRun, type LabelledImages, type RunOptions, train } from '@hadal/train'
import { featuresOf } from '../../../recipes/private-images/features.ts'
import * as images from '../../../recipes/private-images/options.ts'
import { readMails } from '../../../recipes/private-text/mails.ts'
import * as text from '../../../recipes/private-text/options.ts'
import { markdownTable, writeReport } from '../../report-files.ts'
import { average, deviation } from '../../training/statistics.ts'

interface Data {
  readonly train: LabelledImages
  readonly valid: LabelledImages
}

interface Subject {
  readonly title: string
  readonly data: () => Data
  readonly privately: (data: Data, folder: string) => RunOptions
  readonly plainly: (data: Data, folder: string) => RunOptions
}

const subjects: Readonly<Record<'images' | 'text', Subject>> = {
  images: {
    title: 'Fashion-MNIST, `recipes/private-images`',
    data: () => {
      const { folder } = fashionMnist
      return {
        train: featuresOf(readFashionMnist(folder, 'train')),
        valid: featuresOf(readFashionMnist(folder, 't10k')),
      }
    },
    privately: images.privateOptions,
    plainly: images.plainOptions,
  },
  text: {
    title: 'SpamAssassin, `recipes/private-text`',
    data: () => text.mailData(readMails(), false),
    privately: text.privateOptions,
    plainly: text.plainOptions,
  },
}

interface Result {
  readonly seed: number
  readonly accuracy: number
  readonly epsilon?: number
  readonly seconds: number
}

export async function accuracy(name: keyof typeof subjects, seeds: readonly number[]): Promise<void> {
  setNumThreads(Number(process.env.OMP_NUM_THREADS ?? 1))
  const { title, data: read, privately, plainly } = subjects[name]
  const data = read()
  const results: { private: Result[]; plain: Result[] } = { private: [], plain: [] }
  for (const seed of seeds) {
    results.private.push(await resultOf(privately(data, ''), seed))
    results.plain.push(await resultOf(plainly(data, ''), seed))
    console.error(JSON.stringify([results.private.at(-1), results.plain.at(-1)]))
  }
  const [rows, held] = [data.train.labels.length, data.valid.labels.length]
  const lost = results.plain.map(({ accuracy }, index) => accuracy - results.private[index]!.accuracy)
  const { privacy } = privately(data, '')
  writeReport(`privacy-${name}`, 'privacy', { rows, held, privacy, results }, ({ date, command, machine }) =>
    [
      `# Accuracy with privacy and without: ${title}, ${date}`,
      `\`${command}\``,
      `- ${machine}\n- ${rows} rows of training data, ${held} that settings were not tuned on\n- delta ${privacy!.delta!.toPrecision(3)}; accuracy after the last step, of the average of weights where there is one; ± is the standard deviation over ${seeds.length} seeds`,
      markdownTable(
        ['', 'accuracy, %', 'epsilon', 'each seed'],
        [
          row('private', results.private),
          row('plain twin', results.plain),
          ['lost, points', spread(lost), '', each(lost)],
        ],
      ),
      '',
    ].join('\n\n'),
  )
}

async function resultOf(options: RunOptions, seed: number): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-accuracy-'))
  try {
    const start = performance.now()
    let result: Result | undefined
    await train(defineRun({ ...options, folder, seed }), {
      listeners: [
        (event) => {
          if (event.type !== 'evaluated') return
          const seconds = (performance.now() - start) / 1000
          const { epsilon } = event
          result = {
            seed,
            accuracy: 100 * event.measures!.accuracy!,
            ...(epsilon !== undefined && { epsilon }),
            seconds,
          }
        },
      ],
    })
    return result!
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const row = (name: string, results: readonly Result[]): string[] => [
  name,
  spread(results.map(({ accuracy }) => accuracy)),
  results[0]!.epsilon?.toFixed(3) ?? 'none',
  each(results.map(({ accuracy }) => accuracy)),
]

const spread = (values: readonly number[]): string =>
  values.length < 2
    ? values[0]!.toFixed(2)
    : `${average(values).toFixed(2)} ± ${deviation(values).toFixed(2)}`

const each = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(', ')
