import { expect, it } from 'vitest'
import { openMetricsServer } from './metrics-server.ts'

it('answers GET /metrics with what it was given last, from a thread that does not wait for this one', async () => {
  const server = await openMetricsServer({ host: '127.0.0.1', port: 0 })
  try {
    server.publish({ contentType: 'text/plain; version=0.0.4', text: 'hadal_train_step 1\n' })
    server.publish({ contentType: 'text/plain; version=0.0.4', text: 'hadal_train_step 2\n' })
    await expect.poll(async () => (await fetch(server.url)).text()).toBe('hadal_train_step 2\n')
    expect((await fetch(server.url)).headers.get('content-type')).toBe('text/plain; version=0.0.4')
    expect((await fetch(`${server.url}?x=1`, { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(404)
    expect((await fetch(server.url.replace('/metrics', '/'))).status).toBe(404)
  } finally {
    await server.close()
  }
  await expect(fetch(server.url)).rejects.toThrow()
})

it('says why it cannot listen', async () => {
  const server = await openMetricsServer({ host: '127.0.0.1', port: 0 })
  try {
    const port = Number(new URL(server.url).port)
    await expect(openMetricsServer({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'train_metrics_unbound',
      message: expect.stringContaining(`port ${port}: `),
      help: expect.stringContaining('--metrics-port'),
    })
    await expect(openMetricsServer({ host: 'no.such.host.invalid', port: 0 })).rejects.toMatchObject({
      code: 'train_metrics_unbound',
    })
  } finally {
    await server.close()
  }
})
