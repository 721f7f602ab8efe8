import { createUpstream, type Upstream } from '@hadal/upstream'
import { expect, it } from 'vitest'
import { answering, fakeReplica } from './fake-replica.ts'

interface Talk {
  readonly messages: { role: string; content: string }[]
  readonly replicas: string[]
}

async function say(model: Upstream, talk: Talk, text: string): Promise<void> {
  talk.messages.push({ role: 'user', content: text })
  const answer = await model.relay({
    id: 'r',
    path: '/v1/chat/completions',
    body: { model: 'm', messages: talk.messages, stream: true },
  })
  for await (const _ of answer.body);
  talk.messages.push({ role: 'assistant', content: 'hello there, and so on and so on '.repeat(10) })
  talk.replicas.push(answer.replica)
}

it('conversations stay with their replicas, and when one dies only its own move', async () => {
  await using a = await fakeReplica(answering('hello'))
  await using b = await fakeReplica(answering('hello'))
  await using c = await fakeReplica(answering('hello'))
  const urls = [a.url, b.url, c.url]
  await using model = createUpstream({ id: 'm', replicas: urls, healthPath: null, routing: 'prefix' })
  const talks: Talk[] = Array.from({ length: 24 }, () => ({ messages: [], replicas: [] }))
  const round = async (turn: number): Promise<void> => {
    for (const [index, talk] of talks.entries()) await say(model, talk, `conversation ${index}, turn ${turn}`)
  }
  await round(0)
  await round(1)
  await round(2)
  for (const { replicas } of talks) expect(new Set(replicas).size).toBe(1)
  const homes = talks.map(({ replicas }) => replicas[0]!)
  expect(new Set(homes).size).toBe(3)

  const dead = [a, b, c].find(({ url }) => url === homes[0])!
  await dead.die()
  await round(3)
  await round(4)
  for (const [index, { replicas }] of talks.entries()) {
    if (homes[index] === dead.url) expect(replicas[3]).not.toBe(dead.url)
    else expect(replicas[3]).toBe(homes[index])
    expect(replicas[4]).toBe(replicas[3])
  }
  expect(model.snapshot().prefixHits).toBeGreaterThan(24)
})

it('two gateways send a conversation that neither knows to the same replica', async () => {
  await using a = await fakeReplica(answering('hello'))
  await using b = await fakeReplica(answering('hello'))
  const options = { id: 'm', healthPath: null, routing: 'prefix' as const }
  await using one = createUpstream({ ...options, replicas: [a.url, b.url] })
  await using two = createUpstream({ ...options, replicas: [b.url, a.url] })
  for (let index = 0; index < 10; index += 1) {
    const talk: Talk = { messages: [], replicas: [] }
    await say(one, talk, `conversation ${index}`)
    await say(two, talk, 'and then')
    expect(new Set(talk.replicas).size).toBe(1)
  }
})
