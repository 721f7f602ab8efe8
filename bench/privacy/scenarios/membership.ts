/**
 * Who was in the training data: an attack on a classifier that learnt few images by heart, and on its private twin. Members are the
 * images it was trained on, the others of the same kind were never read; the attack knows labels, and calls a low loss a member.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FashionImages, fashionMnist, readFashionMnist, someFashionImages } from '@hadal/images'
import { ImageClassifier, type ImageClassifierConfig, loadParameters } from '@hadal/nn'
import { membershipAttack } from '@hadal/privacy'
import { noGrad, scope, setNumThreads, torch } from '@hadal/tensor'
import { defineRun, newestWeights, type RunOptions, train } from '@hadal/train'
import { markdownTable, writeReport } from '../../report-files.ts'
import { average, deviation } from '../../training/statistics.ts'
import { mlp } from '../cases.ts'

/** Few, so that the plain twin learns them by heart. */
const members = 500

interface Result {
  readonly seed: number
  /** Of telling members from others: 0.5 is chance. */
  readonly auc: number
  /** What the attack shows the training to have spent at least, with confidence 0.95. */
  readonly minEpsilon: number
  readonly trainAccuracy: number
  readonly testAccuracy: number
}

export async function membership(seeds: readonly number[]): Promise<void> {
  setNumThreads(Number(process.env.OMP_NUM_THREADS ?? 1))
  const all = readFashionMnist(fashionMnist.folder, 'train')
  const results: { plain: Result[]; private: Result[] } = { plain: [], private: [] }
  for (const seed of seeds) {
    // Other images for each seed, members and others alike.
    const [inside, outside] = [0, 1].map((half) => {
      const start = 2 * members * (seed - 1) + half * members
      return someFashionImages(all, start, start + members)
    }) as [FashionImages, FashionImages]
    results.plain.push(await attacked(seed, inside, outside, {}))
    results.private.push(
      await attacked(seed, inside, outside, { privacy: { epsilon: 3, delta: 1 / members, clipNorm: 1 } }),
    )
    console.error(JSON.stringify([results.plain.at(-1), results.private.at(-1)]))
  }
  writeReport('privacy-membership', 'privacy', { members, results }, ({ date, command, machine }) =>
    [
      `# Who was in the training data, ${date}`,
      `\`${command}\``,
      `- ${machine}\n- an MLP 784-512-512-10 that learnt ${members} images of Fashion-MNIST for 100 epochs, in batches of 100 (SGD, momentum 0.9); privately with epsilon 3, delta 1/${members}\n- the attack knows the labels of ${members} members and ${members} others, and ranks them by their loss; 0.5 is chance; ± is the standard deviation over ${seeds.length} seeds, each with images of its own`,
      markdownTable(
        [
          '',
          'AUC of the attack',
          'each seed',
          'epsilon shown, at least',
          'accuracy on members, %',
          'on others, %',
        ],
        (['plain', 'private'] as const).map((name) => [
          name,
          spread(results[name].map(({ auc }) => auc)),
          results[name].map(({ auc }) => auc.toFixed(3)).join(', '),
          average(results[name].map(({ minEpsilon }) => minEpsilon)).toFixed(2),
          average(results[name].map(({ trainAccuracy }) => trainAccuracy)).toFixed(1),
          average(results[name].map(({ testAccuracy }) => testAccuracy)).toFixed(1),
        ]),
      ),
      '',
    ].join('\n\n'),
  )
}

async function attacked(
  seed: number,
  inside: FashionImages,
  outside: FashionImages,
  more: Partial<RunOptions>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-membership-'))
  try {
    const totalSteps = (100 * members) / 100
    await train(
      defineRun({
        name: 'membership',
        folder,
        seed,
        model: mlp,
        data: { train: labelled(inside), valid: labelled(outside) },
        batch: { windows: 100, accumulate: 1 },
        optimizer: { kind: 'sgd', momentum: 0.9 },
        schedule: { peak: 0.05, warmupSteps: 0, totalSteps, floorFraction: 1 },
        evaluate: { everySteps: totalSteps },
        checkpoint: { everySteps: totalSteps, keep: 1 },
        ...more,
      }),
    )
    return scope(() => {
      const model = new ImageClassifier(mlp as ImageClassifierConfig)
      const weights = [...newestWeights(folder)].map(
        ([name, { shape, values }]) => [name, torch.tensor(values, { shape })] as const,
      )
      loadParameters(model.parameters(), new Map(weights))
      const [here, there] = [inside, outside].map((images) => judged(model, images))
      const { auc, minEpsilon } = membershipAttack(
        { members: here!.losses, nonMembers: there!.losses },
        { delta: 1 / members },
      )
      return { seed, auc, minEpsilon, trainAccuracy: here!.accuracy, testAccuracy: there!.accuracy }
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const labelled = ({ pixels, labels }: FashionImages) => ({ shape: [784], pixels, labels })

function judged(
  model: ImageClassifier,
  { pixels, labels }: FashionImages,
): { losses: number[]; accuracy: number } {
  return noGrad(() => {
    const x = torch
      .tensor(pixels, { shape: [labels.length, 784] })
      .float()
      .div(255)
    const [logits, classes] = [model.forward(x), torch.tensor(labels).long()]
    const losses = torch.crossEntropyLoss(logits, classes, { reduction: 'none' })
    const right = logits.argmax(1).eq(classes).float().mean().item() as number
    return { losses: [...(losses.toTypedArray() as Float32Array)], accuracy: 100 * right }
  })
}

const spread = (values: readonly number[]): string =>
  values.length < 2
    ? values[0]!.toFixed(3)
    : `${average(values).toFixed(3)} ± ${deviation(values).toFixed(3)}`
