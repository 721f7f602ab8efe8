/** Operations in the console: a real config, a fake cluster, a fake Prometheus, real jobs; away and back, keys, phone, Chinese. */

import { writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { consoleFolder } from '@hadal/console'
import { createServer, type HadalServer } from '@hadal/server'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type KeptDecision,
  type OperationsApis,
  operationsApis,
  type ScalerStatus,
} from '../../../packages/apps/cli/test/operations-apis.ts'
import { axe, noBrowser, openBrowser, phone, shot, startServer, type View, visit } from './harness.ts'

const adminKey = ['admin', 'of', 'operations', '0123456789'].join('-')
const isSideways = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const main = document.getElementById('main')!
    return document.documentElement.scrollWidth > innerWidth || main.scrollWidth > main.clientWidth
  })

const minute = 60_000
const startedAt = Date.now() - 30 * minute
const decision = (at: number, from: number, to: number, reason: KeptDecision['reason']): KeptDecision => ({
  at: startedAt + at * minute,
  action: to > from ? 'up' : to < from ? 'down' : 'hold',
  from,
  to,
  reason,
  text: `${from} to ${to} engines: each is ${40 + at} % busy <b>`,
  signals: [
    { name: 'busy', value: from * (40 + at) },
    { name: 'latency', value: 500 + 20 * at },
  ],
})
const status: ScalerStatus = {
  version: 1,
  leader: 'here',
  isLeader: true,
  models: [
    {
      model: 'fake',
      target: 'processes on this machine',
      replicas: 3,
      readyReplicas: 2,
      minReplicas: 1,
      maxReplicas: 4,
      observedAt: startedAt + 30 * minute,
      fault: null,
      decisions: [decision(2, 1, 1, 'steady'), decision(10, 1, 3, 'busy'), decision(20, 3, 2, 'idle')],
    },
  ],
}

/** One alert fires. */
function prometheus(): Server {
  const labels = { severity: 'page', service: 'hadal', slo: 'engine', namespace: 'hadal' }
  const annotations = { summary: 'No gateway of hadal answers', description: '' }
  const alerts = [{ labels, annotations, state: 'firing', activeAt: new Date().toISOString(), value: '1' }]
  const rule = { name: 'HadalGatewayDown', duration: 120, labels, health: 'ok', lastError: '', alerts }
  return createHttpServer(({ url = '' }, response) => {
    const data = url.includes('/rules') ? { groups: [{ rules: [rule] }] } : { activeTargets: [] }
    response.end(JSON.stringify({ status: 'success', data }))
  })
}

describe.skipIf(noBrowser)('operations', () => {
  let browser: Browser
  let watcher: Server
  let apis: OperationsApis
  let served: Awaited<ReturnType<typeof startServer>>
  beforeAll(async () => {
    apis = await operationsApis(status, 800)
    watcher = prometheus()
    await new Promise<void>((done) => watcher.listen(0, '127.0.0.1', done))
    const prometheusUrl = `http://127.0.0.1:${(watcher.address() as AddressInfo).port}`
    writeFileSync(
      join(apis.cluster.folder, 'hadal.config.json'),
      JSON.stringify({
        model: 'nano',
        deploy: { prometheusUrl, overlays: { staging: { namespace: 'staging' } } },
      }),
    )
    const { operations } = apis
    served = await startServer({}, { operations, adminKeys: [adminKey] })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await served?.[Symbol.asyncDispose]()
    await apis?.[Symbol.asyncDispose]()
    watcher?.close()
  })

  async function open(part = '', view: View = {}, key = adminKey) {
    // The key is there before the page is.
    const opened = await visit(browser, `${served.url}/health`, view)
    await opened.page.evaluate(
      (given) => sessionStorage.setItem('hadal.keys', JSON.stringify({ apiKey: '', adminKey: given })),
      key,
    )
    await opened.page.goto(`${served.url}/#/operations${part}`)
    return opened
  }

  it('shows what the config becomes, where it differs from what, and what the linter says', async () => {
    await using opened = await open()
    const { page, complaints } = opened
    await page.getByText('# Runs nano.').waitFor()
    await page.getByLabel('Search files').fill('gateway-dep')
    await page.getByRole('link', { name: /gateway-deployment\.yaml/ }).focus()
    await page.keyboard.press('Enter')
    await page
      .getByRole('region', { name: 'base/gateway-deployment.yaml' })
      .getByText('hadal-gateway')
      .first()
      .waitFor()
    await page.getByRole('radio', { name: 'Lint' }).click()
    await page.getByRole('link', { name: /base\/gateway-deployment\.yaml:\d+/ }).click()
    await expect.poll(() => page.locator('.ops-line-asked').count()).toBe(1)
    await page.getByRole('radio', { name: 'Defaults' }).click()
    await page.getByRole('row', { name: /weights of nano/ }).waitFor()
    await page.getByLabel('Overlay', { exact: true }).selectOption('staging')
    await page.locator('.stat', { hasText: 'Namespace' }).getByText('staging').waitFor()

    // It compares with an overlay and the cluster, which it asks only when told to.
    await page.goto(`${served.url}/#/operations/deploy/diff`)
    await page.locator('.ops-diff-removed', { hasText: 'namespace: staging' }).first().waitFor()
    await page.getByRole('radio', { name: 'Rendered folder' }).click()
    await page.getByText('hadal deploy render').first().waitFor()
    const before = apis.cluster.fake.requests.length
    await page.getByRole('radio', { name: 'Cluster' }).click()
    await page.getByRole('button', { name: 'Compare with cluster' }).waitFor()
    expect(apis.cluster.fake.requests.length).toBe(before)
    await page.getByRole('button', { name: 'Compare with cluster' }).click()
    await page.getByText('Deployment hadal/hadal-engine', { exact: true }).waitFor()
    expect(apis.cluster.get('Deployment', 'hadal-engine')).toBeUndefined()

    // It lints what is pasted, and nothing of it is HTML.
    await page.goto(`${served.url}/#/operations/deploy/lint`)
    const yaml =
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: <img src=x onerror=alert(1)>\nspec:\n  replica: 2\n'
    await page.getByLabel('YAML').fill(yaml)
    await page.getByRole('button', { name: 'Lint' }).click()
    await page.getByText(/\d+ findings in 1 object/).waitFor()
    await page.getByText('spec.replica').first().waitFor()
    expect(await page.locator('main img').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('lists each decision with its reason alongside charts, and replays a day with other settings', async () => {
    await using opened = await open('/scaling')
    const { page, complaints } = opened
    await page.getByRole('row', { name: /1 → 3.*busy.*1 to 3 engines: each is 50 % busy <b>/ }).waitFor()
    await expect.poll(() => page.locator('canvas').count()).toBe(2)
    await shot(page, 'operations-scaling')
    await page.getByRole('radio', { name: 'Replay' }).click()
    await page.getByLabel('Load profile').selectOption('steady')
    await page.getByRole('checkbox', { name: 'HPA' }).uncheck({ force: true })
    await page.getByRole('button', { name: 'Run replay' }).click()
    await page.getByRole('table', { name: 'Comparison on the same load' }).waitFor()
    await page.getByRole('row', { name: /^keda/ }).waitFor()
    await page
      .getByText(/hadal scale replay steady/)
      .first()
      .waitFor({ state: 'attached' })
    expect(complaints).toEqual([])
  })

  it('says which alert fires, with its runbook', async () => {
    await using opened = await open('/alerts')
    const { page, complaints } = opened
    await page.getByText('1 alert is firing.').waitFor()
    await page.getByRole('row', { name: /firing HadalGatewayDown page/ }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'HadalGatewayDown' })
    await dialog.getByText('No gateway of hadal answers').waitFor()
    await dialog.getByText('kubectl -n hadal get pods -o wide').waitFor()
    expect(await axe(page)).toEqual([])
    await page.keyboard.press('Escape')
    await expect.poll(() => page.url()).toMatch(/#\/operations\/alerts$/)
    expect(complaints).toEqual([])
  })

  it('examines the machine, and finds the cause in a log', async () => {
    await using opened = await open('/doctor')
    const { page, complaints } = opened
    await page.getByText('No checks run yet').waitFor()
    for (const group of ['GPUs', 'Running server', 'Environment'])
      await page.getByRole('checkbox', { name: group }).uncheck({ force: true })
    await page.getByRole('button', { name: 'Run checks' }).click()
    await page.getByRole('button', { name: 'Run checks again' }).waitFor()
    await page
      .getByText(/\d+ passed/)
      .first()
      .waitFor()
    await page.getByRole('radio', { name: 'Diagnose a log' }).click()
    await page
      .getByRole('textbox', { name: 'Log' })
      .fill('torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.')
    await page.getByRole('button', { name: 'Diagnose', exact: true }).click()
    await page.getByText('GPU memory is full').waitFor()
    expect(complaints).toEqual([])
  })

  it.each([
    ['dark', phone, ['', '/deploy/diff', '/scaling', '/doctor/explain']],
    ['light', {}, ['/scaling/replay', '/doctor']],
  ] as const)('has nothing that axe calls serious, %s %o', async (theme, view, parts) => {
    await using opened = await open(parts[0], { ...view, theme })
    const { page } = opened
    for (const part of parts) {
      await page.goto(`${served.url}/#/operations${part}`)
      await page.getByRole('tabpanel').waitFor()
      await expect.poll(() => page.locator('.skeleton').count()).toBe(0)
      expect(await axe(page), part).toEqual([])
      expect(await isSideways(page), part).toBe(false)
    }
  })

  it('speaks Chinese, and goes from tab to tab by keyboard', async () => {
    await using opened = await open('', { locale: 'zh-CN' })
    const { page } = opened
    await page.getByRole('radio', { name: '差异' }).waitFor()
    await page.getByRole('tab', { name: '部署' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.getByRole('radio', { name: '回放' }).waitFor()
  })

  it('says what a server without doors lacks, and what its config is wrong in', async () => {
    await using bare = await startServer()
    await using opened = await visit(browser, `${bare.url}/#/operations`)
    await opened.page.getByText('this server has no deployment').waitFor()
    await opened.page.getByText('operation_unavailable').waitFor()
  })

  it('asks for the right key, keeps what it shows while the server is away, and goes on when it is back', async () => {
    await using opened = await open('/scaling', {}, 'wrong')
    const { page } = opened
    const field = page.getByLabel('Administrator key')
    await field.fill(adminKey)
    await field.press('Enter')
    await page.getByRole('row', { name: /1 → 3/ }).waitFor()
    const port = Number(new URL(served.url).port)
    await served.server.close()
    await page.getByText('The server is unreachable.').first().waitFor()
    expect(await page.getByRole('row', { name: /1 → 3/ }).count()).toBe(1)
    const again: HadalServer = createServer({
      engines: [served.engine],
      consoleFolder,
      operations: apis.operations,
      adminKeys: [adminKey],
    })
    await again.listen({ port })
    try {
      await page.getByText('The server is reachable again.').waitFor()
      await expect.poll(() => page.locator('main .error').count()).toBe(0)
    } finally {
      await again.close()
    }
  })
})
