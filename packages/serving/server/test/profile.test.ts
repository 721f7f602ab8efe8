/** POST /hadal/profile: records server activity. */

import { setImmediate } from 'node:timers/promises'
import { ManualClock } from '@hadal/base'
import { readChromeTrace } from '@hadal/profiling'
import { defaultLimits } from '@hadal/server'
import { describe, expect, it } from 'vitest'
import { chat, post, serve, turns, user } from './serving.ts'

const limits = { ...defaultLimits, maxProfileMillis: 400 }

describe('POST /hadal/profile', () => {
  it('answers with a trace of steps and requests', async () => {
    const clock = new ManualClock()
    const { server } = serve({ reply: 'abc', tokenMillis: 5, clock }, { clock })
    const recording = post<unknown>(server, '/hadal/profile', { seconds: 2 })
    // One millisecond passes per turn of the event loop.
    const turn = async (): Promise<void> => {
      clock.advance(1)
      await setImmediate()
    }
    for (let at = 0; at < 500; at += 1) await turn()
    const requested = [
      chat(server, user('hello')),
      chat(server, { ...user('hello'), n: 2 }),
      post(server, '/v1/embeddings', { input: 'four' }),
    ]
    let isOver = false
    void recording.then(() => (isOver = true))
    while (!isOver) await turn()
    await Promise.all(requested)
    const answer = await recording
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8'])
    const { spans, durationMicros } = readChromeTrace(answer.body)
    expect(durationMicros).toBe(2_000_000)
    const of = (wanted: string) => spans.filter(({ category }) => category === wanted)
    expect(of('step').length).toBeGreaterThan(9)
    expect(of('request').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['chat', 'chat', 'chat', 'embeddings']),
    )
    expect(of('decode')).toHaveLength(3)
    const [first] = of('request').filter(({ name }) => name === 'chat')
    expect(first!.args).toMatchObject({ model: 'fake', completionTokens: 3 })
  })

  it('records as long as it may where nothing is said', async () => {
    const { server } = serve({}, { limits: { ...limits, maxProfileMillis: 10 } })
    const answers = await Promise.all([
      post(server, '/hadal/profile', {}),
      server.inject({ method: 'POST', url: '/hadal/profile' }),
    ])
    expect(answers.map((each) => ('status' in each ? each.status : each.statusCode))).toEqual([200, 200])
  })

  it('refuses what it cannot do', async () => {
    const { server } = serve({}, { limits, adminKeys: ['admin'], apiKeys: ['client'] })
    const ask = (body: unknown, key = 'admin') =>
      post(server, '/hadal/profile', body, { authorization: `Bearer ${key}` })
    expect((await ask({ seconds: 0.01 })).status).toBe(200)
    expect((await ask({ seconds: 0.01 }, 'client')).json().error.code).toBe('admin_key_needed')
    expect((await ask({ seconds: 0.5 })).json().error).toMatchObject({
      param: 'seconds',
      message: expect.stringContaining('must be at most 0.4, got 0.5'),
    })
    expect((await ask({ seconds: 0 })).status).toBe(400)
    expect((await ask({ seconds: '1' })).status).toBe(400)
    expect((await ask({ seconds: 0.01, model: 'gone' })).json().error.code).toBe('model_not_found')
    const all = await Promise.all(Array.from({ length: 5 }, () => ask({ seconds: 0.2 })))
    expect(all.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 409])
  })

  it('ends with the server', async () => {
    const { server } = serve()
    const recording = post(server, '/hadal/profile', { seconds: 60 })
    await turns()
    await server.close()
    expect((await recording).json().error.code).toBe('server_draining')
  })
})
