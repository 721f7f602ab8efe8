import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineError } from '@hadal/base'
import {
  type JobDetail,
  type JobEvent,
  parse,
  type TuneApply,
  type TuneKnobs,
  type TuneProgress,
  type TuneResult,
  tuneJobSchema,
} from '@hadal/protocol'
import type { JobsApi, TuneApi } from '@hadal/server'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  axe,
  noBrowser,
  openBrowser,
  phone,
  type RunningHadal,
  type RunningServer,
  shot,
  startHadal,
  startServer,
  visit,
} from './harness.ts'

const start: TuneKnobs = {
  maxBatchSize: 2,
  maxBatchTokens: 512,
  maxPrefillTokensWhileDecoding: 128,
  timeoutMicros: 20_000,
  threads: 2,
  contextLength: 512,
  speculation: 'auto',
}
const better: TuneKnobs = { ...start, maxBatchSize: 16, timeoutMicros: 0 }

const point = (knobs: TuneKnobs, requestsPerSecond: number, ttftMillis: number): TuneProgress => ({
  type: 'point',
  knobs,
  requestsPerSecond,
  ttftMillis,
  itlMillis: 12,
  isKept: ttftMillis <= 500,
})
const result: TuneResult = {
  tried: 2,
  slowdown: 1.2,
  slo: { ttftMillis: 500 },
  points: [],
  best: { name: 'tuned', knobs: better },
  validations: [],
  promises: [100, 500, 1000],
  frontier: [
    { name: 'as it is', requestsPerSecond: [0, 2, 4] },
    { name: 'tuned', requestsPerSecond: [1, 8, 10] },
  ],
}

/** As a config is refused that computes what was tuned. */
const refused = defineError({
  code: 'config_unwritable',
  status: 500,
  when: 'in this test',
  message: () => 'hadal.config.ts cannot be changed: it says threads in code of its own',
  help: 'By hand.',
})

/** A door whose jobs say what a test wants, when it wants it. */
function scriptedJobs() {
  const jobs: JobDetail[] = []
  const watchers = new Set<(event: JobEvent) => void>()
  const change = (to: Partial<JobDetail>): void => {
    jobs[0] = { ...jobs[0]!, ...to }
  }
  const notify = (event: JobEvent): void => {
    for (const watch of watchers) watch(event)
  }
  const api: JobsApi = {
    kinds: ['tune'],
    parse: (_, options) => parse(tuneJobSchema, options),
    list: () => jobs,
    find: (id) => jobs.find((job) => job.id === id),
    async start(kind, options) {
      const id = `tune-${jobs.length + 1}`
      const command = 'hadal tune --progress json'
      const given = options as Record<string, unknown>
      jobs.unshift({
        id,
        kind,
        state: 'running',
        command,
        options: given,
        startedAt: Date.now(),
        lines: [],
        progress: [],
      })
      return jobs[0]!
    },
    async cancel() {
      change({ state: 'cancelled', endedAt: Date.now() })
      notify({ type: 'ended', job: jobs[0]! })
      return jobs[0]
    },
    follow(_, onEvent) {
      watchers.add(onEvent)
      return { [Symbol.dispose]: () => void watchers.delete(onEvent) }
    },
  }
  return {
    api,
    jobs,
    measure(...values: TuneProgress[]) {
      change({ progress: [...jobs[0]!.progress, ...values] })
      for (const value of values) notify({ type: 'progress', value })
    },
    say(text: string) {
      change({ lines: [...jobs[0]!.lines, text] })
      notify({ type: 'line', text })
    },
    end(to: Partial<JobDetail>) {
      change({ endedAt: Date.now(), ...to })
      notify({ type: 'ended', job: jobs[0]! })
    },
  }
}

function scriptedTune() {
  const applied: TuneApply[] = []
  let isRefused = false
  const api: TuneApi = {
    status: async () => ({
      settings: start,
      slo: { ttftMillis: 300 },
      config: { file: 'hadal.config.ts', isThere: true, isWatched: false },
    }),
    async apply(apply) {
      if (isRefused) {
        isRefused = false
        throw refused()
      }
      applied.push(apply)
      const lines = [
        { kind: 'removed', text: '  maxBatchSize: 2,' },
        { kind: 'added', text: '  maxBatchSize: 16,' },
      ] as const
      return {
        file: 'hadal.config.ts',
        isNew: false,
        hunks: [{ beforeLine: 4, afterLine: 4, lines }],
        revision: 'before',
        isWritten: apply.dryRun !== true,
        live: ['timeoutMicros'],
        restart: ['maxBatchSize'],
        overridden: [{ setting: 'threads', by: '--threads' }],
      }
    },
  }
  const refuse = (): void => {
    isRefused = true
  }
  return { api, applied, refuse }
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })
const points = (page: Page) => page.locator('.tune-chart > svg .tune-point')

describe.skipIf(noBrowser)('the page on tuning', () => {
  let browser: Browser
  let served: RunningServer
  const jobs = scriptedJobs()
  const tune = scriptedTune()
  beforeAll(async () => {
    browser = await openBrowser()
    served = await startServer({}, { operations: { jobs: jobs.api, tune: tune.api } })
  })
  afterAll(async () => {
    await browser?.close()
    await served?.[Symbol.asyncDispose]()
  })

  it('is asked by keys alone, shows the frontier as it appears, and writes what was chosen', async () => {
    await using opened = await visit(browser, `${served.url}/#/tune`)
    const { page, complaints } = opened
    const prompt = page.getByLabel('Prompt tokens')
    await prompt.fill('many')
    await expect.poll(() => page.getByLabel('TTFT P99 SLO').getAttribute('placeholder')).toBe('300')
    await prompt.press('Enter')
    await page.getByText('options.promptTokens must be lengths').first().waitFor()
    expect(jobs.jobs).toHaveLength(0)
    await shot(page, 'tune-form')
    await prompt.fill('64')
    await prompt.press('Enter')

    await page.getByText('Points appear here after the step cost is measured.').waitFor()
    expect(jobs.jobs[0]?.options).toEqual({ traffic: 'poisson', promptTokens: '64' })
    expect(page.url()).toContain('#/tune/tune-1')
    jobs.measure(
      { type: 'begin', model: 'nano', start, slo: { ttftMillis: 500 }, requests: 100, validated: 1 },
      { type: 'phase', phase: 'search', text: 'searching' },
      point(start, 2, 300),
      point(start, 4, 900),
    )
    await expect.poll(() => points(page).count()).toBe(2)
    await page.getByText('Best so far', { exact: true }).waitFor()
    expect(await page.locator('[aria-current="step"]').textContent()).toContain('Search')
    jobs.measure(point(better, 8, 450), point(better, 10, 2000))
    await expect.poll(() => points(page).count()).toBe(4)
    jobs.say('<img src=x onerror=alert(1)>')
    jobs.end({ state: 'done', result })

    await page
      .getByText('In simulation these settings sustain 8 requests/s within the SLO, 4 times the 2 requests/s')
      .waitFor()
    await page.getByRole('img', { name: /4 points/ }).focus()
    await page.keyboard.press('End')
    await page.locator('.tune-readout').getByText('10 req/s').waitFor()
    await page.getByText('Log and command').click()
    await page.getByRole('log').getByText('<img src=x').waitFor()
    await page.getByRole('table', { name: 'Candidates' }).getByText('selected').waitFor()

    // It writes what was chosen, once it was shown.
    const dialog = page.getByRole('dialog')
    tune.refuse()
    await button(page, 'Apply').click()
    await dialog.getByText('it says threads in code of its own').waitFor()
    await dialog.getByText("speculation: 'auto',").waitFor()
    expect(await dialog.getByRole('button', { name: 'Write' }).isDisabled()).toBe(true)
    await dialog.getByRole('button', { name: 'Retry' }).click()
    await dialog.getByText('+   maxBatchSize: 16,').waitFor()
    await dialog.getByText('Threads: overridden by --threads').waitFor()
    expect(await axe(page)).toEqual([])
    await shot(page, 'tune-apply')
    await dialog.getByRole('button', { name: 'Write' }).click()
    await page.getByText('Written to hadal.config.ts').waitFor()
    expect(tune.applied.map(({ dryRun, revision }) => [dryRun, revision])).toEqual([
      [true, undefined],
      [undefined, 'before'],
    ])
    expect(tune.applied[1]?.knobs).toEqual(better)
    expect(complaints).toEqual([])
  })

  it.each([
    ['dark', { theme: 'dark', locale: 'zh-CN' }],
    ['phone', phone],
  ] as const)('has nothing that axe finds serious, and no sideways scrolling: %s', async (name, view) => {
    await using opened = await visit(browser, `${served.url}/#/tune`, view)
    const { page, complaints } = opened
    await button(page, /^(New tuning run|新的调优)$/).click()
    await page.locator('.tune-chart > svg').waitFor()
    await page.locator('canvas').first().waitFor()
    expect(await axe(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    if (name === 'dark') await page.getByRole('heading', { name: '选中的设置' }).waitFor()
    await shot(page, `tune-${name}`)
    expect(complaints).toEqual([])
  })

  it('ends a tuning, says why one failed, and keeps those there were', async () => {
    await using opened = await visit(browser, `${served.url}/#/tune`)
    const { page } = opened
    await button(page, 'New tuning run').click()
    await button(page, 'Start').click()
    await button(page, 'Stop').click()
    await page.getByText('cancelled', { exact: true }).first().waitFor()
    await button(page, 'New tuning run').click()
    await button(page, 'Start').click()
    await button(page, 'Stop').waitFor()
    const error = { code: 'model_unfit', message: 'an ONNX model makes no steps', help: 'Try by hand.' }
    jobs.end({ state: 'failed', exitCode: 1, error })
    await page.getByText('an ONNX model makes no steps').waitFor()
    const past = page.getByRole('table', { name: 'Tuning runs' })
    await expect.poll(() => past.getByRole('row').count()).toBe(4)
    await page.goto(`${served.url}/#/tune/tune-1`)
    await page.getByText('In simulation these settings sustain 8 requests/s').waitFor()
    await page.goto(`${served.url}/#/tune/no-such`)
    await page.getByText('Tuning run not found').waitFor()
  })

  it('asks for the key of an administrator, and says so where a server runs no commands', async () => {
    const adminKey = ['root', 'key'].join('-')
    await using locked = await startServer({}, { adminKeys: [adminKey] })
    await using opened = await visit(browser, `${locked.url}/#/tune`)
    const { page } = opened
    await page.getByLabel('Administrator key').fill(adminKey)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Tune' }).waitFor()
    await page.getByText('this server has no jobs').waitFor()
  })
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Processes of jobs of the server that runs in `folder`: their command line says where they write. */
function jobProcesses(): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter((line) => /job-main\S* tune .*--rate 3\.21/.test(line))
    .map((line) => Number.parseInt(line, 10))
}

describe.skipIf(noBrowser)('tuning, for real', () => {
  let browser: Browser
  let hadal: RunningHadal
  beforeAll(async () => {
    ;[browser, hadal] = await Promise.all([
      openBrowser(),
      startHadal({ config: 'export default {\n  maxBatchSize: 2,\n}\n' }),
    ])
  })
  afterAll(async () => {
    await browser?.close()
    await hadal?.[Symbol.asyncDispose]()
  })

  it('leaves no process where the server is killed, goes on when it is back, and writes what it finds', async () => {
    await using opened = await visit(browser, `${hadal.url}/#/tune`)
    const { page, complaints } = opened
    await page.getByRole('spinbutton', { name: 'Requests per second' }).fill('3.21')
    await page.getByLabel('Requests', { exact: true }).fill('30')
    await page.getByLabel('Validations under real load').fill('0')
    await page.getByLabel('Thread counts').fill('1')
    await button(page, 'Start').click()
    await page.getByText('measuring steps').first().waitFor()
    const pids = jobProcesses()
    expect(pids.length).toBeGreaterThan(0)
    await hadal.kill()
    await expect.poll(() => pids.filter(isAlive)).toEqual([])
    // What was there stays to be read.
    expect(await page.getByText('Throughput and latency').isVisible()).toBe(true)
    await hadal.start()
    await page.getByText('Tuning run not found').waitFor()

    // What was asked for stands in the form still.
    await button(page, 'Start').click()
    const failure = page.locator('.error')
    await button(page, 'Apply').or(failure).first().waitFor()
    expect(await failure.allTextContents()).toEqual([])
    expect(await points(page).count()).toBeGreaterThan(10)
    // What serves is not disturbed: its engine may even end meanwhile.
    hadal.crashEngine()
    await button(page, 'Apply').click()
    await button(page, 'Write').click()
    await page.getByText('Written to hadal.config.ts').waitFor()
    expect(readFileSync(join(hadal.folder, 'hadal.config.ts'), 'utf8')).toMatch(/maxBatchTokens: \d+/)
    expect(complaints).toEqual([])
  })
})
