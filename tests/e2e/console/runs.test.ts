/** The runs page: training runs of a real server's folder, while their files grow, and when the server goes away. */

import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { RunsApi } from '@hadal/server'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  axe,
  noBrowser,
  openBrowser,
  phone,
  type RunningHadal,
  shot,
  startHadal,
  startServer,
  type View,
  visit,
} from './harness.ts'

const adminKey = ['runs', 'admin', 'key'].join('-')
const hostile = '<img src=x onerror="window.ran=true"><script>window.ran=true</script>'

const step = (number: number, loss = 5 / number): string =>
  `${JSON.stringify({ step: number, loss, learningRate: 0.01, gradientNorm: 1, tokens: 256, seconds: 0.5, memoryBytes: 3e8 })}\n`
const steps = (count: number): string => Array.from({ length: count }, (_, at) => step(at + 1)).join('')

const record = (name: string, more: object = {}): string =>
  JSON.stringify({
    version: 1,
    name,
    startedAt: 1_764_000_000_000,
    resumedAt: 1_764_000_000_000,
    starts: 1,
    parameters: 103_488,
    activatedParameters: 103_488,
    unit: 'tokens',
    flopsPerToken: 600_000,
    peakFlops: 5e10,
    ranks: 1,
    totalSteps: 300,
    rates: [],
    fingerprint: 'abc',
    config: { seed: 1, schedule: { peak: 0.006 } },
    ...more,
  })

const span = (name: string, ts: number, dur: number, cat = 'cpu_op'): object => ({
  ph: 'X',
  name,
  cat,
  ts,
  dur,
  pid: 1,
  tid: 1,
})
const trace = gzipSync(
  JSON.stringify({
    traceEvents: [
      span('ProfilerStep#1', 0, 1000, 'user_annotation'),
      span('aten::linear', 100, 400),
      span('aten::mm', 150, 300),
      span('aten::mul', 600, 100),
    ],
  }),
)

function lay(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

describe.skipIf(noBrowser)('the runs page', () => {
  let browser: Browser
  let hadal: RunningHadal
  const at = (hash = '#/runs'): string => `${hadal.url}/${hash}`
  const runs = (): string => join(hadal.folder, 'runs')
  const opened = (hash?: string, view?: View) => visit(browser, at(hash), view)

  beforeAll(async () => {
    ;[browser, hadal] = await Promise.all([openBrowser(), startHadal()])
  })
  afterAll(async () => {
    await browser?.close()
    await hadal?.[Symbol.asyncDispose]()
  })

  const idOf = async (name: string): Promise<string> => {
    const answer = (await (await fetch(`${hadal.url}/hadal/runs`)).json()) as {
      runs: readonly { id: string; name: string }[]
    }
    return answer.runs.find((run) => run.name === name)!.id
  }
  const lossOf = (page: Page) => page.locator('.stat', { hasText: 'Loss' }).first()

  it('says what would be there, and shows a run as soon as its folder is', async () => {
    await using visited = await opened()
    const { page } = visited
    await page.getByRole('heading', { name: 'No training runs yet' }).waitFor()
    await page.getByText('npx hadal train recipes/fine-tune --profile').waitFor()
    await shot(page, 'runs-empty')
    lay(join(runs(), 'sums/first'), {
      'metrics.jsonl': `${steps(120)}${JSON.stringify({ step: 120, validLoss: 0.05, seconds: 1 })}\n`,
      'run.json': record('first', {
        end: { state: 'stopped', step: 120, at: 1_764_000_100_000, reason: 'no longer falls' },
      }),
      'events.jsonl': `${JSON.stringify({ at: 1, type: 'sampled', step: 60, prompt: hostile, text: hostile })}\n`,
      'retrieval.html': `<h1>Recall</h1><script>document.title = 'ran'</script>`,
      'profile/trace.json.gz': trace,
    })
    lay(join(runs(), 'sums/second'), {
      'metrics.jsonl': steps(40),
      'run.json': record('second', { config: { seed: 2, schedule: { peak: 0.006 } } }),
    })
    await page.getByRole('link', { name: 'first' }).waitFor()
    await page.getByRole('cell', { name: 'stopped' }).waitFor()
    await page.getByRole('searchbox', { name: 'Filter by name' }).fill('second')
    await page.getByRole('link', { name: 'first' }).waitFor({ state: 'detached' })
    expect(visited.complaints).toEqual([])
  })

  it('follows a run while its file grows, goes back with it, and outlives the server and its engine', async () => {
    await using visited = await opened(`#/runs/${await idOf('second')}`)
    const { page } = visited
    await page.getByRole('heading', { name: 'Gradient norm' }).waitFor()
    await expect.poll(() => lossOf(page).textContent()).toContain('0.125')
    const file = join(runs(), 'sums/second/metrics.jsonl')
    appendFileSync(file, `${step(41, 0.0777)}garbage\n{"step":42,"lo`)
    await expect.poll(() => lossOf(page).textContent()).toContain('0.0777')
    await page.getByText('1 line is not valid metrics').waitFor()
    writeFileSync(file, steps(30) + step(31, 0.4321))
    await expect.poll(() => lossOf(page).textContent()).toContain('0.4321')
    hadal.crashEngine()
    appendFileSync(file, step(32, 0.321))
    await expect.poll(() => lossOf(page).textContent()).toContain('0.321')
    await hadal.kill()
    await page
      .getByText(/The server is unreachable/)
      .first()
      .waitFor()
    expect(await lossOf(page).textContent()).toContain('0.321')
    appendFileSync(file, step(33, 0.2222))
    await hadal.start()
    await expect.poll(() => lossOf(page).textContent()).toContain('0.2222')
  })

  it('lays runs over one another, and says what differs in their configuration', async () => {
    await using visited = await opened()
    const { page } = visited
    await page.getByRole('checkbox', { name: 'Compare first' }).check()
    await page.getByRole('checkbox', { name: 'Compare second' }).check()
    await page.getByRole('button', { name: 'Compare 2 runs' }).click()
    await page.getByRole('heading', { name: 'Loss: training' }).waitFor()
    const different = page.getByRole('table', { name: 'Configuration differences' })
    await different.getByText('seed').waitFor()
    expect(await different.getByText('schedule.peak').count()).toBe(0)
    await page.getByRole('switch', { name: 'Show identical settings' }).click()
    await different.getByText('schedule.peak').waitFor()
    await page.getByRole('radio', { name: 'Time' }).click()
    await shot(page, 'runs-compare')
    expect(await axe(page)).toEqual([])
    expect(visited.complaints).toEqual([])
  })

  it('shows what models and runs wrote as text, and opens reports without scripts', async () => {
    const id = await idOf('first')
    await using visited = await opened(`#/runs/${id}?tab=samples`)
    const { page, context } = visited
    await page.getByText(hostile).first().waitFor()
    expect(await page.evaluate(() => 'ran' in window)).toBe(false)
    await page.getByRole('tab', { name: /Files/ }).click()
    const [report] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('button', { name: 'Open retrieval.html' }).click(),
    ])
    await report.getByRole('heading', { name: 'Recall' }).waitFor()
    expect(await report.title()).not.toBe('ran')
    expect(await report.evaluate(() => window.origin)).toBe('null')
    await report.reload()
    await report.getByText('run_report_not_found').waitFor()
    expect(visited.complaints).toEqual([])
  })

  it('is moved through by keys alone, the timeline too', async () => {
    await using visited = await opened(`#/runs/${await idOf('first')}?tab=profile`, { theme: 'dark' })
    const { page } = visited
    const timeline = page.getByRole('application', { name: /Flame graph/ })
    await timeline.waitFor()
    expect(await axe(page)).toEqual([])
    await timeline.focus()
    const said = page.locator('.runs-said')
    await page.keyboard.press('Shift+ArrowRight')
    await page.keyboard.press('Shift+ArrowDown')
    await said.getByText('aten::linear').waitFor()
    await page.keyboard.press('Shift+ArrowDown')
    await said.getByText('aten::mm').waitFor()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    await page.getByRole('searchbox', { name: 'Search spans' }).fill('mul')
    await page.getByText('1 span', { exact: true }).waitFor()
    await page.getByRole('tab', { name: 'Profile' }).focus()
    await page.keyboard.press('ArrowLeft')
    await page.getByRole('tabpanel', { name: 'Configuration' }).waitFor()
    expect(visited.complaints).toEqual([])
  })

  it('has nothing that axe calls serious on a phone, in the dark and in Chinese; and says that a run is not there', async () => {
    const [id, other] = [await idOf('first'), await idOf('second')]
    const view = { ...phone, theme: 'dark', locale: 'zh-CN' } as const
    await using visited = await opened(`#/runs/compare?runs=${id},${other}`, view)
    const { page } = visited
    const isSound = async (): Promise<void> => {
      expect(await axe(page)).toEqual([])
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(sideways).toBeLessThanOrEqual(0)
    }
    await page.locator('.runs-charts').first().waitFor()
    await page.getByRole('heading', { name: '对比任务' }).waitFor()
    await isSound()
    await page.goto(at('#/runs'))
    await page.locator('.runs-pick').first().waitFor()
    await isSound()
    await page.goto(at('#/runs/no-such-run'))
    await page.getByText('run_not_found').waitFor()
    expect(visited.complaints).toEqual([])
  })

  it('asks for an administrator key, and for another when that has expired', async () => {
    const nothing = async (): Promise<undefined> => undefined
    const api: RunsApi = {
      list: async () => ({ runs: [], roots: [{ folder: 'runs', isThere: false }], isCut: false }),
      ...{ detail: nothing, metrics: nothing, profile: nothing, report: nothing },
    }
    await using locked = await startServer({}, { adminKeys: [adminKey], operations: { runs: api } })
    await using visited = await visit(browser, `${locked.url}/#/runs`)
    const { page } = visited
    const field = page.getByLabel('Administrator key')
    await field.fill('another')
    await page.getByRole('button', { name: 'Use key' }).click()
    await page.getByText('admin_key_needed').first().waitFor()
    await field.fill(adminKey)
    await page.getByRole('button', { name: 'Use key' }).click()
    await page.getByRole('heading', { name: 'No training runs yet' }).waitFor()
    await page.getByText('runs does not exist.').waitFor()
    const message = 'the admin key expired at 12:00'
    const error = { message, type: 'authentication_error', code: 'key_expired', param: null }
    await page.route('**/hadal/runs', (route) => route.fulfill({ status: 401, json: { error } }))
    await page.getByText('This key has expired.').waitFor()
  })
})
