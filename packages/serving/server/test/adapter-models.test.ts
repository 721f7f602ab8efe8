/** An adapter is requested as a model, as in vLLM. */

import { expect, it } from 'vitest'
import { chat, post, serve, user } from './serving.ts'

it('names an adapter in `model`, in every dialect', async () => {
  const { server, engine } = serve({ reply: 'hi' })
  await engine.loadAdapter({ id: 'poet', path: '/somewhere/poet.gguf', scale: 0 })
  const answer = await chat(server, { model: 'poet', ...user('Hello') })
  expect(answer.json()).toMatchObject({ model: 'poet', choices: [{ message: { content: 'hi' } }] })
  await post(server, '/v1/completions', { model: 'poet', prompt: 'Hello' })
  await post(server, '/v1/messages', { model: 'poet', max_tokens: 5, ...user('Hello') })
  await post(server, '/v1/responses', { model: 'poet', input: 'Hello' })
  for (const { request } of engine.seen) expect(request.adapters).toEqual([{ id: 'poet', scale: 1 }])
  expect(engine.seen).toHaveLength(4)
})

it('leaves requests for the model itself, and those that say which adapters, as they are', async () => {
  const { server, engine } = serve({ reply: 'hi' })
  await engine.loadAdapter({ id: 'poet', path: '/somewhere/poet.gguf', scale: 0 })
  await engine.loadAdapter({ id: 'judge', path: '/somewhere/judge.gguf', scale: 0 })
  await chat(server, { model: engine.model.id, ...user('Hello') })
  await chat(server, { model: 'poet', lora: [{ id: 1, scale: 0.5 }], ...user('Hello') })
  expect(engine.seen.map(({ request }) => request.adapters)).toEqual([
    undefined,
    [{ id: 'judge', scale: 0.5 }],
  ])
})

it('lists adapters alongside their model while they are loaded', async () => {
  const { server, engine } = serve()
  const ids = async (): Promise<unknown> =>
    (await server.inject('/v1/models'))
      .json()
      .data.map((card: { id: string; parent?: string }) => [card.id, card.parent])
  await engine.loadAdapter({ id: 'poet', path: '/somewhere/poet.gguf', scale: 0 })
  const base = engine.model.id
  expect(await ids()).toEqual([
    [base, undefined],
    ['poet', base],
  ])
  expect((await server.inject('/v1/models/poet')).json()).toMatchObject({ id: 'poet' })
  await engine.unloadAdapter('poet')
  expect(await ids()).toEqual([[base, undefined]])
  const gone = await chat(server, { model: 'poet', ...user('Hello') })
  expect(gone.status).toBe(404)
})
