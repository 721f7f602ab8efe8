import { createUpstream } from '@hadal/upstream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { answering, breaking, fakeReplica, hanging, type Manner, refusing } from './fake-replica.ts'
import { turnClock } from './turn-clock.ts'

const manners: Readonly<Record<string, Manner>> = {
  well: answering('one two three'),
  slow: answering('one two three', { beforeMillis: 30 }),
  breaks: breaking,
  'says 502': refusing(502, 'bad gateway'),
  'says 503': refusing(503, { error: { message: 'loading' } }),
  'is busy': refusing(429, { error: 'too many' }, { 'retry-after': '0.05' }),
  'is busy for long': refusing(503, { error: 'too many' }, { 'retry-after': '60' }),
  hangs: hanging,
  'is gone': breaking,
  'now and then': async (response, requested, request) =>
    Math.random() < 0.5
      ? breaking(response, requested, request)
      : answering('one two three')(response, requested, request),
}
const names = Object.keys(manners)

it('whatever two of three replicas do, no request fails while the third is well', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.constantFrom(...names),
      fc.constantFrom('prefix', 'leastOutstanding', 'roundRobin'),
      fc.option(fc.constant(20), { nil: undefined }),
      async (first, second, routing, hedgeAfterMillis) => {
        await using a = await fakeReplica(manners[first])
        await using b = await fakeReplica(manners[second])
        await using c = await fakeReplica()
        c.manner = manners.well!
        if (first === 'is gone') await a.die()
        if (second === 'is gone') await b.die()
        using clock = turnClock()
        await using model = createUpstream(
          {
            id: 'm',
            replicas: [a.url, b.url, c.url],
            routing: routing as 'prefix',
            maxConcurrentPerReplica: 8,
            healthPath: null,
            connectTimeoutMillis: 300_000,
            firstByteTimeoutMillis: 700,
            answerTimeoutMillis: 700,
            breaker: { failures: 3, openMillis: 50 },
            ...(hedgeAfterMillis !== undefined && { hedgeAfterMillis }),
          },
          { clock },
        )
        const ask = async (index: number): Promise<void> => {
          const answer = await model.relay({
            id: `r${index}`,
            path: '/v1/chat/completions',
            body: {
              model: 'm',
              stream: index % 2 === 0,
              messages: [{ role: 'user', content: `${index % 5}` }],
            },
          })
          const pieces: Uint8Array[] = []
          for await (const piece of answer.body) pieces.push(piece)
          expect(Buffer.concat(pieces).toString()).toContain('three')
        }
        await Promise.all(Array.from({ length: 30 }, (_, index) => ask(index)))
        // The losers of a race are cancelled slightly later.
        await expect
          .poll(() => model.snapshot().replicas.every(({ outstanding }) => outstanding === 0))
          .toBe(true)
        const { running, waiting } = model.snapshot()
        expect([running, waiting]).toEqual([0, 0])
      },
    ),
    { numRuns: 12 },
  )
})
