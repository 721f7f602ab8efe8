/** The checker against Prometheus' own parser, over real expressions and random errors. */

import { checkPromql } from '@hadal/manifest-lint'
import { describe, expect, test } from 'vitest'
import { whyNoPrograms } from '../../../fleet/test/programs.ts'
import { badExpressions, commentedExpressions, goodExpressions as plainExpressions } from './expressions.ts'
import { judge } from './judge.ts'
import { drawer, mutate } from './mutate.ts'

const goodExpressions = [...plainExpressions, ...commentedExpressions]
const why = whyNoPrograms('promtool')

/** The grammar reserves this word for the modifier; Prometheus lets it name a metric, but real metrics have no such name. */
const isKnownDifference = (expression: string): boolean => /\boffset\b/.test(expression)

describe.skipIf(why !== undefined)(`PromQL as promtool judges it ${why ?? ''}`, () => {
  test('expressions that are in use are taken by both, and usual mistakes by neither', () => {
    const complaints = judge([...goodExpressions, ...badExpressions])
    for (const [at, expression] of goodExpressions.entries()) {
      expect(complaints[at], expression).toBeUndefined()
      expect(checkPromql(expression), expression).toEqual([])
    }
    for (const [at, expression] of badExpressions.entries()) {
      expect(complaints[goodExpressions.length + at], expression).toBeDefined()
      expect(checkPromql(expression), expression).not.toEqual([])
    }
  })

  test('both accept and reject the same random mutations', () => {
    const draw = drawer(1)
    const drawn = Array.from({ length: 6000 }, (_, at) =>
      mutate(goodExpressions[at % goodExpressions.length]!, draw),
    )
    const complaints = judge(drawn)
    const taken = complaints.filter((each) => each === undefined).length
    expect(taken).toBeGreaterThan(500)
    expect(drawn.length - taken).toBeGreaterThan(500)
    const differences = drawn.filter(
      (each, at) => checkPromql(each).length > 0 !== (complaints[at] !== undefined),
    )
    expect(differences.filter((each) => !isKnownDifference(each))).toEqual([])
    expect(differences.length).toBeLessThan(drawn.length / 100)
  })
})
