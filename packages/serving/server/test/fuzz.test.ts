/** Random bodies on every route. `npm run fuzz` sends more, also to a real engine. */

import { expect, it } from 'vitest'
import { bodyOf, fuzzRoute, fuzzTargets } from './fuzz/fuzz-route.ts'
import { fuzzServing } from './fuzz/fuzz-serving.ts'
import { seedBodies } from './fuzz/seeds.ts'

it('has good bodies for every route, which are taken', async () => {
  await using serving = fuzzServing()
  for (const { path, schemas } of await fuzzTargets(serving.server))
    for (const name of schemas) {
      expect(seedBodies, name).toHaveProperty(name)
      for (const payload of seedBodies[name]!) {
        const answer = await serving.server.inject({ method: 'POST', url: path, payload: payload as object })
        if (answer.body.includes('unsupported_parameter')) continue
        // An adapter may already exist or be gone.
        expect([200, 201, 404, 409], `${path} ${JSON.stringify(payload)}`).toContain(answer.statusCode)
      }
    }
})

it('makes the same body of the same seed', async () => {
  await using serving = fuzzServing()
  const [target] = await fuzzTargets(serving.server)
  for (let index = 0; index < 50; index += 1)
    expect(bodyOf(target!, 1, index)).toEqual(bodyOf(target!, 1, index))
  expect(bodyOf(target!, 1, 0)).not.toEqual(bodyOf(target!, 2, 0))
})

it('finds no body that a route has no answer to', async () => {
  await using serving = fuzzServing()
  for (const target of await fuzzTargets(serving.server)) {
    const { faults, statuses } = await fuzzRoute(serving.server, target, {
      seed: 'suite',
      bodies: 25,
      timeoutMillis: 300_000,
    })
    expect(faults).toEqual([])
    expect(Object.values(statuses).reduce((sum, count) => sum + count, 0)).toBe(25)
  }
})

it('tells errors from valid responses', async () => {
  await using serving = fuzzServing()
  const [target] = await fuzzTargets(serving.server)
  const broken = { ...serving.server, inject: async () => ({ statusCode: 500, headers: {}, body: 'x' }) }
  const report = await fuzzRoute(broken as never, target!, { seed: 1, bodies: 3, timeoutMillis: 300_000 })
  expect(report.faults).toHaveLength(3)
  const silent = { ...serving.server, inject: () => new Promise(() => {}) }
  const late = await fuzzRoute(silent as never, target!, { seed: 1, bodies: 1, timeoutMillis: 5 })
  expect(late.faults[0]!.what).toContain('no answer')
})
