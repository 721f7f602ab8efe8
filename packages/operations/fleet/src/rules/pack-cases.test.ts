import { expect, it } from 'vitest'
import { gpuNode } from '../../test/deployments.ts'
import { packCases } from './pack-cases.ts'
import type { RuleCase } from './rule-case.ts'
import type { Rule } from './rule-groups.ts'
import { topicsOf } from './rules-of.ts'

const alert = (name: string, expr: string): Rule => ({
  alert: name,
  expr,
  labels: { severity: 'page' },
  annotations: { summary: '', description: '', runbook_url: '' },
})
const rules = [
  { record: 'all:x:sum', expr: 'sum(x)' },
  alert('A', 'all:x:sum > 1'),
  alert('B', 'y > 1 unless z'),
  alert('C', 'up == 0'),
]
const about = (name: string, series: string, more: Partial<RuleCase> = {}): RuleCase => ({
  alert: name,
  shows: series,
  series: [{ series, values: '1' }],
  checks: [{ atMillis: 60_000, firing: [] }],
  ...more,
})
const shown = (cases: readonly RuleCase[]) =>
  packCases(cases, rules).map((pack) => pack.map(({ shows }) => shows))

it('puts cases together that ask for nothing of each other', () => {
  expect(shown([about('A', 'x'), about('B', 'y'), about('C', 'up{job="a"}')])).toEqual([
    ['x', 'y', 'up{job="a"}'],
  ])
})

it('keeps apart what one has and the other asks for, also where it asks by what is recorded', () => {
  expect(shown([about('B', 'y'), about('C', 'z')])).toEqual([['y'], ['z']])
  expect(shown([about('A', 'w'), about('C', 'x')])).toEqual([['w'], ['x']])
  expect(shown([about('C', 'up'), about('C', 'up')])).toEqual([['up'], ['up']])
})

it('keeps apart what is scraped at other times', () => {
  expect(shown([about('A', 'x'), about('B', 'y', { everyMillis: 1 })])).toEqual([['x'], ['y']])
})

it('loses none', () => {
  const topics = topicsOf(gpuNode)
  const cases = topics.flatMap((topic) => topic.cases)
  const packs = packCases(
    cases,
    topics.flatMap((topic) => topic.rules),
  )
  expect(new Set(packs.flat())).toEqual(new Set(cases))
  expect(packs.length).toBeLessThan(cases.length / 3)
})
