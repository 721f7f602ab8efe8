import { createUpstream, type RelayAnswer, type Upstream } from '@hadal/upstream'
import { expect, it } from 'vitest'
import { answering, fakeReplica, hanging, sleep } from './fake-replica.ts'
import { turnClock } from './turn-clock.ts'

/** The outcome of one request; never throws. */
async function outcome(model: Upstream, index: number): Promise<string> {
  let answer: RelayAnswer
  try {
    answer = await model.relay({
      id: `r${index}`,
      path: '/v1/chat/completions',
      body: {
        model: 'm',
        stream: index % 3 !== 0,
        messages: [{ role: 'user', content: `conversation ${index % 7}` }],
      },
    })
  } catch (thrown) {
    return `failed before the first byte: ${String(thrown)}`
  }
  try {
    const pieces: Uint8Array[] = []
    for await (const piece of answer.body) pieces.push(piece)
    return Buffer.concat(pieces).toString().includes('three') ? 'answered' : 'incomplete'
  } catch (thrown) {
    return `cut: ${(thrown as { code?: string }).code}`
  }
}

it.each(['prefix', 'leastOutstanding', 'roundRobin'] as const)(
  'of three replicas one hangs, one dies and one is slow: nothing fails that had no byte yet (%s)',
  async (routing) => {
    await using hangs = await fakeReplica(answering('one two three'))
    await using dies = await fakeReplica(answering('one two three', { beforeMillis: 5, betweenMillis: 5 }))
    await using slow = await fakeReplica(answering('one two three', { beforeMillis: 40, betweenMillis: 10 }))
    using clock = turnClock()
    await using model = createUpstream(
      {
        id: 'm',
        replicas: [hangs.url, dies.url, slow.url],
        routing,
        maxConcurrentPerReplica: 24,
        maxQueue: 400,
        connectTimeoutMillis: 300_000,
        firstByteTimeoutMillis: 1500,
        answerTimeoutMillis: 1500,
        healthIntervalMillis: 50,
        healthTimeoutMillis: 1000,
      },
      { clock },
    )
    await model.ready()
    const outcomes: Promise<string>[] = []
    for (let index = 0; index < 300; index += 1) {
      if (index === 60) hangs.manner = hanging
      if (index === 100) hangs.health = undefined
      if (index === 150) await dies.die()
      outcomes.push(outcome(model, index))
      if (index % 4 === 0) await sleep(2)
    }
    const ends = await Promise.all(outcomes)
    expect(ends.filter((each) => each.startsWith('failed'))).toEqual([])
    expect(ends.filter((each) => each !== 'answered' && each !== 'cut: upstream_interrupted')).toEqual([])
    expect(ends.filter((each) => each === 'answered').length).toBeGreaterThan(250)
    expect(slow.requested.length).toBeGreaterThan(100)
    const { running, waiting, replicas } = model.snapshot()
    expect([running, waiting, ...replicas.map(({ outstanding }) => outstanding)]).toEqual([0, 0, 0, 0, 0])
  },
)

it('a replica that dies under requests it has not answered loses none of them', async () => {
  await using dies = await fakeReplica(hanging)
  await using other = await fakeReplica(answering('one two three'))
  await using model = createUpstream({
    id: 'm',
    replicas: [dies.url, other.url],
    routing: 'roundRobin',
    healthPath: null,
  })
  const outcomes = Array.from({ length: 40 }, (_, index) => outcome(model, index))
  await expect.poll(() => dies.requested.length).toBe(20)
  await dies.die()
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['answered']))
})
