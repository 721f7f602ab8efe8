import { describe, expect, it } from 'vitest'
import { whyNoPostgres } from './postgres.ts'
import { rehearse } from './rehearsal.ts'

const why = whyNoPostgres()
if (why !== undefined) console.warn(`skipped, two gateways over one database: ${why}`)

describe.skipIf(why !== undefined)('two gateways over one PostgreSQL', () => {
  it('count everything once and hold the limits, while it is killed and one of them', async () => {
    const report = await rehearse({ partMillis: 1500, rounds: 1, workers: 6 })
    expect(report.faults).toEqual([])
    expect(report.settled).toBeGreaterThan(100)
  })
})
