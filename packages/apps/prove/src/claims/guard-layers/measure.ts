/** Trains the guard anew without the test topics, then scores every text with every layer. */

import { quantile } from '@hadal/base'
import { seededRandom } from '@hadal/batching'
import { buildAttackIndex, createGuard, type Guard, type LabelledText, ownTexts, viewsOf } from '@hadal/guard'
import { askAll, type Outcome, scoreOf, stops, trainHeldOut } from '@hadal/guard-training'
import type { ClaimContext } from '../../claim.ts'
import { altered } from './altered-attacks.ts'
import { type Asked, type Group, type LayerName, layers, packed } from './asked.ts'
import { heldOutTopics } from './held-out-topics.ts'
import type { Raw } from './judge.ts'

/** Attacks of each fold, trained on demand. */
const learntAttacks = 200

export async function measure({ mode, seed, signal, note }: ClaimContext): Promise<Raw> {
  const isFull = mode === 'full'
  const folds = heldOutTopics(await ownTexts(), { seed, folds: isFull ? 4 : 2, share: isFull ? 1 : 0.4 })
  const random = seededRandom(seed + 1)
  note(`training without the topics that are asked about, ${folds.length} times`)
  const trained = await trainHeldOut(folds, { seed, signal })
  const asked: Asked[] = []
  const micros: Record<LayerName | 'views', number[]> = {
    views: [],
    rules: [],
    classifier: [],
    similarity: [],
  }
  for (const { fold, classifier } of trained) {
    note(`asking about ${fold.held.length} texts of ${fold.sources.length} topics`)
    const attacks = await buildAttackIndex(fold.training, { signal })
    using guard = createGuard({ classifier, attacks, calibration: {} })
    await guard.warm()
    const ask = async (rows: readonly LabelledText[], group: Group): Promise<void> => {
      for (const row of rows) {
        signal.throwIfAborted()
        const outcome = await askOne(guard, row)
        asked.push(askedOf(outcome, group))
        if (!row.isAttack && group === 'unseen') noteMicros(outcome, micros)
      }
    }
    await ask(fold.held, 'unseen')
    const known = drawn(
      fold.held.filter(({ isAttack }) => isAttack),
      learntAttacks,
      random,
    )
    await attacks.add(known.map(({ text }) => ({ text })))
    // Checks benign texts again: they may resemble learned attacks.
    await ask(
      fold.held.filter(({ isAttack }) => !isAttack),
      'learnt',
    )
    await ask(
      known.map((row) => ({ ...row, text: altered(row.text, random) })),
      'learnt',
    )
  }
  return {
    seed,
    topics: folds.reduce((sum, { sources }) => sum + sources.length, 0),
    trainedOn: folds.map(({ training }) => training.length),
    asked: packed(asked),
    p50Micros: {
      views: quantile(micros.views, 0.5),
      rules: quantile(micros.rules, 0.5),
      classifier: quantile(micros.classifier, 0.5),
      similarity: quantile(micros.similarity, 0.5),
    },
  }
}

const askOne = (guard: Guard, row: LabelledText): Promise<Outcome> =>
  askAll(row, guard.stepsFor(row.role), viewsOf)

function askedOf(outcome: Outcome, group: Group): Asked {
  const scores = layers.map((layer) => scoreOf(outcome, (step) => step.layer === layer && stops(step)))
  const { language, isAttack } = outcome.row
  return [group, language, isAttack ? 1 : 0, ...scores.map(rounded)] as unknown as Asked
}

const rounded = (score: number): number => Math.round(score * 1e4) / 1e4

function noteMicros({ viewMicros, steps }: Outcome, micros: Record<LayerName | 'views', number[]>): void {
  micros.views.push(viewMicros)
  for (const layer of layers) {
    const own = steps.filter((step) => step.layer === layer)
    micros[layer].push(own.reduce((sum, step) => sum + step.micros, 0))
  }
}

function drawn<T>(all: readonly T[], most: number, random: () => number): readonly T[] {
  return all
    .map((each) => ({ each, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, most)
    .map(({ each }) => each)
}
