import type { LabelledText, Step } from '@hadal/guard'
import { describe, expect, it } from 'vitest'
import { evaluateAsIs, evaluateHeldOut } from './evaluate.ts'
import { heldOutFolds } from './held-out-folds.ts'
import { summarise } from './summarise.ts'

const row = (text: string, isAttack: boolean, source: string, language: LabelledText['language'] = 'en') => ({
  text,
  isAttack,
  source,
  language,
  role: 'user' as const,
})

/** Suspicion grows with length; acts beyond a threshold. */
const byLength = (most: number, name = 'classifier', action: Step['action'] = 'block'): Step => ({
  name,
  layer: name,
  action,
  check: ({ text, views }) => ({
    suspicion: text.length / 100,
    findings:
      text.length > most
        ? [{ rule: 'long', span: { start: 0, end: text.length }, view: views[0]!.name, why: 'long' }]
        : [],
  }),
})
const failing: Step = {
  name: 'broken',
  layer: 'mine',
  action: 'flag',
  check: () => {
    throw new Error('no luck')
  },
}
const viewsOf = (text: string) => [
  { name: 'original', path: [], text, toOriginal: (span: { start: number; end: number }) => span },
]
const rows = [
  row('x'.repeat(30), true, 'a'),
  row('x'.repeat(20), true, 'a'),
  row('x'.repeat(25), true, 'b'),
  row('x'.repeat(10), false, 'b'),
  row('x'.repeat(22), false, 'c'),
  row('字'.repeat(30), true, 'd', 'zh'),
  row('字'.repeat(31), false, 'd', 'zh'),
]

describe('summarise', () => {
  it('counts what is stopped, in all, by language and by source', async () => {
    const summary = summarise(await evaluateAsIs(rows, () => [byLength(21), failing], { viewsOf }))
    expect([summary.all.recall!.count, summary.all.recall!.of]).toEqual([3, 4])
    expect([summary.all.falsePositives!.count, summary.all.falsePositives!.of]).toEqual([2, 3])
    const [en, zh] = summary.languages
    expect([en!.recall!.share, en!.falsePositives!.share]).toEqual([2 / 3, 1 / 2])
    expect([zh!.recall!.share, zh!.falsePositives!.share]).toEqual([1, 1])
    expect(summary.sources.find(({ name }) => name === 'c')).not.toHaveProperty('recall')
    expect(summary.failed).toEqual({ broken: 7 })
  })

  it('takes the threshold of each language from its own benign texts', async () => {
    const { all, languages, sources } = summarise(await evaluateAsIs(rows, () => [byLength(21)], { viewsOf }))
    // No benign text may be flagged: thresholds are 23 in English and 32 in Chinese.
    expect([all.recallAtRate!.count, all.recallAtRate!.of]).toEqual([2, 4])
    expect(languages.map(({ atRate }) => atRate!.recall.count)).toEqual([2, 0])
    expect(sources.find(({ name }) => name === 'a')!.recallAtRate!.count).toBe(1)
  })

  it('shows each layer that can stop a text alone, and all the others', async () => {
    const steps = [byLength(28), byLength(24, 'similarity'), byLength(0, 'perplexity', 'flag')]
    const { layers } = summarise(await evaluateAsIs(rows.slice(0, 5), () => steps, { viewsOf }))
    expect(
      layers.map(({ layer, alone, without }) => [layer, alone.recall!.count, without.recall!.count]),
    ).toEqual([
      ['classifier', 1, 2],
      ['similarity', 2, 1],
    ])
  })

  it('asks each text of steps that saw nothing of its source', async () => {
    const requested: string[][] = []
    const outcomes = await evaluateHeldOut(
      heldOutFolds(rows),
      async ({ training, sources }) => {
        expect(training.some(({ source }) => sources.includes(source))).toBe(false)
        return ({ source }) => {
          requested.push([source, ...sources])
          return [byLength(21)]
        }
      },
      { viewsOf },
    )
    expect(outcomes.length).toBe(rows.length)
    for (const [source, ...held] of requested) expect(held).toContain(source)
  })

  it('has times for the views, for each check and for all of them', async () => {
    const { latency } = summarise(await evaluateAsIs(rows, () => [byLength(21), failing], { viewsOf }))
    expect(latency.map(({ name }) => name)).toEqual(['views', 'classifier', 'broken', 'all'])
    for (const { p50Micros, p99Micros, maxMicros } of latency) {
      expect(p50Micros).toBeLessThanOrEqual(p99Micros)
      expect(p99Micros).toBeLessThanOrEqual(maxMicros)
    }
  })

  it('stops when its signal aborts', async () => {
    const gone = new Error('gone')
    const stopped = evaluateAsIs(rows, () => [byLength(21)], { viewsOf, signal: AbortSignal.abort(gone) })
    await expect(stopped).rejects.toBe(gone)
  })
})
