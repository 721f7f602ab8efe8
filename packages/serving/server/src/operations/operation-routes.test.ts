/** Operation routes without implementations, and with ones that record their calls. */

import { createFakeEngine } from '@hadal/engine'
import { expect, it, onTestFinished } from 'vitest'
import { createServer } from '../create-server.ts'
import type { Operations } from './operations-context.ts'

function serve(operations?: Operations) {
  const server = createServer({
    engines: [createFakeEngine()],
    ...(operations !== undefined && { operations }),
  })
  onTestFinished(() => server.close())
  return {
    get: async (url: string) => {
      const { statusCode, body } = await server.inject({ method: 'GET', url })
      return { status: statusCode, body: JSON.parse(body) }
    },
    post: async (url: string, payload: object) => {
      const { statusCode, body } = await server.inject({ method: 'POST', url, payload })
      return { status: statusCode, body: JSON.parse(body) }
    },
  }
}

it('says of each door that it was not given', async () => {
  const { get, post } = serve()
  const answers = [
    await get('/hadal/deploy'),
    await get('/hadal/deploy/file?path=base/x.yaml'),
    await get('/hadal/deploy/diff?against=cluster'),
    await post('/hadal/deploy/lint', { files: [{ path: 'a.yaml', text: '' }] }),
    await get('/hadal/scaling'),
    await get('/hadal/alerts'),
    await get('/hadal/alerts/HadalGatewayDown/runbook'),
    await post('/hadal/explain', { texts: [{ name: 'a.log', text: 'x' }] }),
  ]
  for (const { status, body } of answers)
    expect([status, body.error.code]).toEqual([404, 'operation_unavailable'])
})

it('hands on what was asked, and names a file or a runbook that is not there', async () => {
  const requested: unknown[] = []
  const reported = async (given: unknown): Promise<never> => {
    requested.push(given)
    return { kind: 'files', unchanged: 0, files: [] } as never
  }
  const { get, post } = serve({
    deploy: { describe: reported, diff: reported, lint: reported, file: async () => undefined },
    scaling: { look: reported },
    alerts: { look: () => reported('alerts'), runbook: async () => undefined },
    doctor: { explain: reported },
  })
  await get('/hadal/deploy?overlay=staging')
  await get('/hadal/deploy/diff?against=overlay&with=staging')
  await get('/hadal/scaling?from=cluster')
  await get('/hadal/alerts')
  await post('/hadal/explain', { texts: [{ name: 'a.log', text: 'x' }] })
  expect(requested).toEqual([
    { overlay: 'staging' },
    { against: 'overlay', with: 'staging' },
    { from: 'cluster' },
    'alerts',
    { texts: [{ name: 'a.log', text: 'x' }] },
  ])
  expect(await get('/hadal/deploy/file?path=../../etc/passwd')).toMatchObject({
    status: 404,
    body: { error: { code: 'deploy_file_unknown' } },
  })
  expect(await get('/hadal/alerts/Mine/runbook')).toMatchObject({
    status: 404,
    body: { error: { code: 'runbook_unknown' } },
  })
})

it('refuses what no door should see', async () => {
  const never = async (): Promise<never> => expect.unreachable()
  const { get, post } = serve({
    deploy: { describe: never, diff: never, lint: never, file: never },
    scaling: { look: never },
    doctor: { explain: never },
  })
  for (const [answer, param] of [
    [await get('/hadal/deploy?overlay=a&overlay=b'), 'overlay'],
    [await get('/hadal/deploy/file'), 'path'],
    [await get('/hadal/deploy/diff?against=git'), 'against'],
    [await get('/hadal/scaling?from=moon'), 'from'],
    [await post('/hadal/deploy/lint', { files: [] }), 'files'],
    [await post('/hadal/explain', { texts: [{ name: '', text: 'x' }] }), 'texts[0].name'],
  ] as const) {
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_request'])
    expect(answer.body.error.param).toBe(param)
  }
})
