/** The pure parts of the page: rendering of trees, lines, decisions and forms. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyOfRule, untemplated } from './alerts/rule-texts.ts'
import { fileTree } from './deploy/file-tree.ts'
import { yamlTokens } from './deploy/yaml-tokens.ts'
import { readFiles } from './read-files.ts'
import {
  columnsOf,
  maxSamples,
  type ScalingSample,
  samplesOf,
  withSample,
} from './scaling/decision-series.ts'
import { emptyReplay, replayIssues, replayOptions } from './scaling/replay-options.ts'

it('reads files whole where they have room together, and of too many the end of each', async () => {
  const files = [new File(['a'.repeat(70)], 'long.yaml'), new File(['b'], 'short.yaml')]
  const lengths = async (most: number) => (await readFiles(files, most)).map(({ text }) => text.length)
  expect(await lengths(100)).toEqual([70, 1])
  expect(await lengths(40)).toEqual([20, 1])
})

it('makes a tree of paths, folders and files by name', () => {
  const tree = fileTree(['b/z.yaml', 'all.md', 'b/a.yaml', 'b/c/d.yaml', 'bc/e.yaml'])
  expect(tree.files).toEqual([{ name: 'all.md', path: 'all.md' }])
  expect(tree.folders.map(({ path }) => path)).toEqual(['b', 'bc'])
  expect(tree.folders[0]!.files.map(({ name }) => name)).toEqual(['a.yaml', 'z.yaml'])
  expect(tree.folders[0]!.folders[0]).toMatchObject({ name: 'c', path: 'b/c' })
})

describe('a line of YAML', () => {
  it('has its key, value and comment apart', () => {
    expect(yamlTokens('  - name: "a"')).toEqual([
      { kind: 'mark', text: '  - ' },
      { kind: 'key', text: 'name' },
      { kind: 'mark', text: ':' },
      { kind: 'text', text: ' "a"' },
    ])
    expect(yamlTokens('# why')).toEqual([{ kind: 'comment', text: '# why' }])
    expect(yamlTokens('image: hadal:0.1.0')[2]).toEqual({ kind: 'plain', text: ' hadal:0.1.0' })
  })

  it('loses nothing, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (line) => {
        expect(
          yamlTokens(line)
            .map(({ text }) => text)
            .join(''),
        ).toBe(line)
      }),
    )
  })
})

const sample = (at: number, replicas: number): ScalingSample => ({
  at,
  replicas,
  ready: replicas,
  work: null,
  latencyMillis: null,
})

describe('decisions as curves', () => {
  it('stand from when they began to hold, and change within a moment', () => {
    const samples = samplesOf({
      decisions: [
        { at: 60, since: 10, action: 'hold', from: 1, to: 1, reason: 'steady', text: '', signals: [] },
        {
          at: 90,
          action: 'up',
          from: 1,
          to: 3,
          reason: 'busy',
          text: '',
          signals: [
            { name: 'busy', value: 140 },
            { name: 'latency', value: 900 },
          ],
        },
      ],
    })
    expect(samples.map(({ at, replicas }) => [at, replicas])).toEqual([
      [10, 1],
      [60, 1],
      [89, 1],
      [90, 3],
    ])
    expect(samples.at(-1)).toMatchObject({ work: 1.4, latencyMillis: 900 })
  })

  it('are joined with what was seen, in order of time, each moment once', () => {
    const { x, replicas } = columnsOf([sample(30, 2), sample(10, 1)], [sample(20, 1), sample(30, 3)])
    expect([x, replicas]).toEqual([
      [10, 20, 30],
      [1, 1, 3],
    ])
  })

  it('are bounded: a day of looks keeps the last hour', () => {
    let samples: readonly ScalingSample[] = []
    for (let at = 1; at <= 17_280; at += 1) samples = withSample(samples, sample(at, 1))
    expect(samples).toHaveLength(maxSamples)
    expect(samples.at(-1)!.at).toBe(17_280)
    // The same look again is none.
    expect(withSample(samples, sample(17_280, 2))).toBe(samples)
  })
})

describe('the form of a replay', () => {
  it('says what a job takes, of the source that is chosen alone', () => {
    expect(replayOptions({ ...emptyReplay, fixed: 4, past: '7d', start: ' 2m ' })).toEqual({
      day: 'flash-crowd',
      against: ['hpa', 'keda', 'fixed:4'],
      start: '2m',
    })
    const past = {
      ...emptyReplay,
      source: 'past',
      hpa: false,
      keda: false,
      prometheus: 'http://p:9090',
    } as const
    expect(replayOptions(past)).toEqual({ past: '24h', prometheus: 'http://p:9090' })
  })

  it('names the fields that are wrong', () => {
    expect([...replayIssues(emptyReplay)]).toEqual([])
    const past = { ...emptyReplay, source: 'past', past: 'yesterday', prometheus: 'p:9090' } as const
    expect([...replayIssues({ ...past, start: 'soon' })].sort()).toEqual(['past', 'prometheus', 'start'])
    expect([...replayIssues({ ...emptyReplay, source: 'recording' })]).toEqual(['recording'])
  })
})

it('distinguishes rules with the same name, and hides templates', () => {
  const rule = (alert: string) => ({ alert }) as never
  const rules = [rule('A'), rule('B'), rule('B')]
  expect(rules.map((each) => keyOfRule(rules, each))).toEqual(['A', 'B.1', 'B.2'])
  expect(untemplated('{{ $labels.model }}: {{ $value }} wait')).toBe('… wait')
})
