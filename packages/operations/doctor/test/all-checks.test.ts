import {
  allChecks,
  allSources,
  type Capture,
  type Check,
  type RawReading,
  runChecks,
  severities,
} from '@hadal/doctor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { captureOf } from './capture-of.ts'

const names = allSources.map(({ name }) => name)

describe('the table', () => {
  it('has ids that are one of a kind and begin with their group', () => {
    const ids = allChecks.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id, group } of allChecks) expect(id).toMatch(new RegExp(`^${group}-[a-z0-9]+(-[a-z0-9]+)*$`))
  })

  it('reads only sources that there are, and every source is read by a check', () => {
    expect(new Set(names).size).toBe(names.length)
    const read = new Set(allChecks.flatMap(({ reads }) => reads))
    expect([...read].filter((name) => !names.includes(name))).toEqual([])
    const adapted = allSources.flatMap(({ read: how }) =>
      how.kind === 'command' ? (how.adapt?.after ?? []) : [],
    )
    expect(names.filter((name) => !read.has(name) && !adapted.includes(name))).toEqual([])
  })

  it('gives every command and server a limit below that of the whole', () => {
    for (const { read } of allSources)
      if ('limitMillis' in read) expect(read.limitMillis).toBeLessThanOrEqual(15_000)
  })
})

const reading: fc.Arbitrary<RawReading> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => ({ text })),
  fc.json().map((text) => ({ text, isCut: true })),
  fc.record({
    failed: fc.constantFrom('absent', 'refused', 'timed-out', 'exited', 'unreadable'),
    detail: fc.string(),
    text: fc.string(),
  }),
)

const captures: fc.Arbitrary<Capture> = fc
  .tuple(fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.dictionary(fc.constantFrom(...names), reading))
  .map(([takenAt, readings]) => ({ version: 1, takenAt, readings }))

/** Each text cut, doubled, of Windows, or with a figure changed. */
const mutated: fc.Arbitrary<Capture> = fc
  .array(
    fc.tuple(
      fc.constantFrom(...Object.keys(captureOf().readings)),
      fc.nat(400),
      fc.nat(4),
      fc.string({ maxLength: 6 }),
    ),
  )
  .map((changes) => {
    const readings: Record<string, RawReading> = { ...captureOf().readings }
    for (const [name, at, how, by] of changes) {
      const text = readings[name]?.text ?? ''
      const changed = [
        text.slice(0, at),
        text + text,
        text.replaceAll('\n', '\r\n'),
        text.slice(0, at) + by + text.slice(at),
        text.replace(/\d+/, by),
      ]
      readings[name] = { text: changed[how] ?? '' }
    }
    return { ...captureOf(), readings }
  })

function expectSound(checks: readonly Check[], capture: Capture): void {
  for (const finding of runChecks(checks, capture).findings) {
    expect(severities).toContain(finding.severity)
    expect(finding.says, finding.id).not.toMatch(/the check itself failed|undefined|NaN|\[object/)
    expect(finding.says).not.toBe('')
    if (finding.severity !== 'ok' && finding.severity !== 'skipped')
      expect(finding.fix?.text, finding.id).toMatch(/\S/)
    // What is typed stays one line, whatever a capture holds.
    expect(finding.fix?.command ?? '', finding.id).not.toMatch(/[\n\r\u001b]/)
  }
}

describe('whatever a capture holds', () => {
  // Texts of captures may hold such words themselves.
  const isPlain = (capture: Capture): boolean => !/undefined|NaN|\[object/.test(JSON.stringify(capture))

  it('each check has a verdict with a fix', () => {
    fc.assert(
      fc.property(captures.filter(isPlain), (capture) => expectSound(allChecks, capture)),
      { numRuns: runs(30, 100) },
    )
  })

  it('so it has where texts of a machine were cut or changed', () => {
    fc.assert(
      fc.property(mutated.filter(isPlain), (capture) => expectSound(allChecks, capture)),
      { numRuns: runs(30, 100) },
    )
  })

  const kinds = ['absent', 'refused', 'timed-out', 'exited', 'unreadable'] as const
  const idsOfWell = (
    checks: readonly Check[],
    failedOf: (at: number) => (typeof kinds)[number],
  ): readonly string[] => {
    const readings = Object.fromEntries(
      names.map((name, at) => [name, { failed: failedOf(at), detail: 'no' }]),
    )
    const { findings } = runChecks(checks, { version: 1, takenAt: Date.parse('2026-06-01'), readings })
    return findings.filter(({ severity }) => severity === 'ok').map(({ id }) => id)
  }

  it.each(kinds)('nothing is well where all that was asked is %s', (kind) => {
    expect(idsOfWell(allChecks, () => kind)).toEqual([])
  })

  it('nothing is well of which nothing was read', () => {
    // A cluster that answers, and serves no such kind, has none of it.
    const checks = allChecks.filter(({ group }) => group !== 'cluster')
    const each = fc.array(fc.constantFrom(...kinds), { minLength: names.length, maxLength: names.length })
    fc.assert(
      fc.property(each, (failed) => {
        expect(idsOfWell(checks, (at) => failed[at]!)).toEqual([])
      }),
      { numRuns: runs(15, 50) },
    )
  })
})

describe('a report', () => {
  const check = (id: string, group: Check['group'], verdict: Check['verdict']): Check => ({
    id,
    group,
    title: id,
    reads: [],
    verdict,
  })
  const capture: Capture = { version: 1, takenAt: 1, readings: {} }
  const fix = { text: 'x' }

  it('has the group with the worst first, and the worst of each group', () => {
    const report = runChecks(
      [
        check('a', 'environment', () => ({ severity: 'ok', says: 's' })),
        check('b', 'environment', () => ({ severity: 'note', says: 's', fix })),
        check('c', 'gpu', () => [
          { severity: 'ok', says: 's' },
          { severity: 'error', says: 's', fix },
        ]),
      ],
      capture,
    )
    expect(report.findings.map(({ id, severity }) => `${id} ${severity}`)).toEqual([
      'c error',
      'c ok',
      'b note',
      'a ok',
    ])
    expect(report.worst).toBe('error')
  })

  it('marks a check that throws as unknown, and reports its error', () => {
    const report = runChecks(
      [
        check('a', 'gpu', () => {
          throw new Error('why')
        }),
      ],
      capture,
    )
    expect(report.findings[0]).toMatchObject({ severity: 'unknown', says: 'the check itself failed: why' })
    expect(report.worst).toBe('unknown')
  })

  it('of no checks says nothing', () => {
    expect(runChecks([], capture)).toMatchObject({ findings: [], worst: 'skipped' })
  })
})
