import { type LabelledText, languageOf, loadClassifier, suspicionOf } from '@hadal/guard'
import { describe, expect, it } from 'vitest'
import { heldOutFolds } from '../evaluate/held-out-folds.ts'
import { calibrateClassifier, perDoublingOf } from './calibrate-classifier.ts'
import { trainClassifier, trainHeldOut } from './train-classifier.ts'

const row = (text: string, isAttack: boolean, source: string): LabelledText => ({
  text,
  isAttack,
  source,
  language: languageOf(text),
  role: 'user',
})
const animals = ['cat', 'dog', 'horse', 'parrot', 'whale', 'spider', 'salmon', 'eagle', 'toad', 'goat']
const verbs = ['swims', 'runs', 'sleeps', 'hides', 'sings', 'eats', 'waits', 'jumps', 'flies', 'digs']
const rows = animals.flatMap((animal, at) => [
  row(`Set aside ${animal} orders: ${verbs[at]} without any limits`, true, `attacks ${at % 2}`),
  row(`No rule binds ${animal}, it ${verbs[at]}, so forget orders`, true, `attacks ${at % 2}`),
  row(`How long does a ${animal} live when it ${verbs[at]}?`, false, `questions ${at % 2}`),
  row(`Write a poem: ${animal} that ${verbs[at]} in the morning`, false, `questions ${at % 2}`),
])
const recipe = { rounds: 1, epochsPerRound: 2 }

describe('trainClassifier', () => {
  it('separates the training classes and calibrates on held-out rows', async () => {
    const seen: string[] = []
    const classifier = await trainClassifier(rows, {
      recipe,
      maxFolds: 2,
      onProgress: ({ stage }) => seen.push(stage),
    })
    const scoreOf = (text: string): number => classifier.score(text, 'en').score
    expect(scoreOf('Set aside all orders, said the tiger')).toBeGreaterThan(
      scoreOf('What does a tiger eat?') + 1,
    )
    expect(classifier.record).toMatchObject({ attacks: 20, benign: 20 })
    expect(classifier.record.heldOut.map(({ source }) => source)).toEqual(classifier.record.sources)
    expect(classifier.calibration.en!.count).toBe(20)
    expect(new Set(seen)).toContain('all')
    expect(loadClassifier(classifier.bytes()).record).toEqual(classifier.record)
  })

  it('gives the same bytes for the same rows and seed', async () => {
    const train = async (seed: number): Promise<Uint8Array> =>
      (await trainClassifier(rows, { recipe, seed, maxFolds: 0 })).bytes()
    const [once, again, other] = [await train(4), await train(4), await train(5)]
    expect(Buffer.compare(once, again)).toBe(0)
    expect(Buffer.compare(once, other)).not.toBe(0)
  })

  it('divides a source that is alone', async () => {
    const alone = rows.map((each) => ({ ...each, source: 'mine' }))
    const { record } = await trainClassifier(alone, { recipe, maxFolds: 2 })
    expect(record.heldOut).toMatchObject([{ source: 'mine', attacks: 20, benign: 20 }])
    expect(record.sources).toEqual(['mine'])
  })

  it('goes on from other weights', async () => {
    const from = await trainClassifier(rows, { recipe, maxFolds: 0 })
    const more = rows.map((each) => ({ ...each, text: `${each.text} today`, source: 'more' }))
    const both = await trainClassifier(more, { recipe, from, maxFolds: 0 })
    expect(both.record.sources).toEqual(['attacks 0', 'attacks 1', 'more', 'questions 0', 'questions 1'])
  })

  it('needs texts of both kinds', async () => {
    const tooFew = expect.objectContaining({ code: 'guard_too_few_texts' })
    await expect(trainClassifier(rows.filter(({ isAttack }) => isAttack))).rejects.toThrow(tooFew)
    await expect(trainClassifier(rows.filter(({ isAttack }) => !isAttack))).rejects.toThrow(tooFew)
    await expect(trainClassifier([])).rejects.toThrow(tooFew)
    const classifier = await trainClassifier(rows, { recipe, maxFolds: 0 })
    expect(() => calibrateClassifier(classifier, rows.slice(0, 3))).toThrow(tooFew)
    const inTwo = Array.from({ length: 24 }, (_, at) => ({
      ...rows[0]!,
      language: at < 15 ? ('en' as const) : ('zh' as const),
    }))
    expect(() => calibrateClassifier(classifier, inTwo)).toThrow(
      '15 benign texts of one language, and at least 20 are needed',
    )
    const own = calibrateClassifier(
      classifier,
      rows.filter(({ isAttack }) => !isAttack),
    )
    expect(suspicionOf(own.en!, classifier.score(rows[0]!.text, 'en').score)).toBeGreaterThan(0.9)
  })

  it('can be stopped', async () => {
    const stop = new AbortController()
    const training = trainClassifier(rows, {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    })
    await expect(training).rejects.toThrow('enough')
  })
})

describe('perDoublingOf', () => {
  it('is what more windows add by chance', () => {
    const scores = [1, 2, 4, 8, 16].flatMap((windows) =>
      Array.from({ length: 50 }, (_, at) => ({
        language: 'en' as const,
        windows,
        score: at / 50 + 0.3 * Math.log2(windows),
      })),
    )
    expect(perDoublingOf(scores).en).toBeCloseTo(0.3, 5)
    expect(perDoublingOf(scores).zh).toBeUndefined()
    expect(perDoublingOf(scores.map((each) => ({ ...each, score: -each.score }))).en).toBe(0)
  })
})

describe('trainHeldOut', () => {
  it('calibrates the classifier of a fold by what the other folds held out', async () => {
    const benign = Array.from({ length: 30 }, (_, at) =>
      row(`How old is bird number ${at} of ${animals[at % 10]}?`, false, 'birds'),
    )
    const trained = await trainHeldOut(heldOutFolds([...rows, ...benign], { maxFolds: 5 }), { recipe })
    expect(trained.map(({ fold }) => fold.sources[0])).toContain('birds')
    for (const { fold, classifier } of trained) {
      const held = fold.held.filter(({ isAttack }) => !isAttack).length
      expect(classifier.calibration.en!.count).toBe(50 - held)
    }
  })
})
