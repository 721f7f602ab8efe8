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
  visit,
} from './harness.ts'

async function chat(url: string, text: string, maxTokens = 24): Promise<void> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      messages: [
        { role: 'system', content: 'You are a kind teller of stories for small children.' },
        { role: 'user', content: text },
      ],
      max_tokens: maxTokens,
    }),
  })
  await response.text()
}

/** Several clients at once, so that there are batches. */
const chats = (url: string): Promise<unknown> =>
  Promise.all(['a fox', 'a whale', 'a crab'].map((who) => chat(url, `Tell me about ${who}.`)))

const timeline = (page: Page) => page.getByRole('slider', { name: 'Engine steps' })

describe.skipIf(noBrowser)('the live page', () => {
  let browser: Browser
  let hadal: RunningHadal
  beforeAll(async () => {
    ;[browser, hadal] = await Promise.all([openBrowser(), startHadal()])
  })
  afterAll(async () => {
    await browser?.close()
    await hadal?.[Symbol.asyncDispose]()
  })

  it('shows real batches by pointer, keyboard, words and table; and goes on when engine and server are back', async () => {
    await using visitor = await visit(browser, `${hadal.url}/#/live`, { width: 1440, height: 1600 })
    const { page } = visitor
    const feeds = new Set<string>()
    page.on('request', (request) => {
      if (request.headers().accept === 'text/event-stream') feeds.add(request.url())
    })
    await page.getByText('nano-q8_0', { exact: true }).waitFor()
    // Steps are told from when the page listens on.
    await expect
      .poll(async () => {
        await chats(hadal.url)
        return timeline(page).count()
      })
      .toBe(1)
    await timeline(page).focus()
    await page.keyboard.press('ArrowLeft')
    expect(await timeline(page).getAttribute('aria-valuetext')).toMatch(
      /^Step \d+ of nano-q8_0: .+ in .+ m?s\.$/,
    )
    // Somewhere among the last steps several were computed together, with a beginning in common.
    const table = page.getByRole('table', { name: /^Sequences in step/ })
    const isShared = async (): Promise<boolean> => {
      await page.keyboard.press('ArrowLeft')
      return (
        (await table.locator('tbody tr').count()) > 1 &&
        ((await table.textContent()) ?? '').includes('tokens with')
      )
    }
    await expect.poll(isShared, { interval: 10 }).toBe(true)
    await shot(page, 'live-step')
    expect(await axe(page)).toEqual([])
    await page.keyboard.press('Escape')
    await table.waitFor({ state: 'detached' })
    // What is kept of them, and how each went.
    await page.getByRole('table', { name: 'Prefix tree' }).locator('tbody tr').first().waitFor()
    const requests = page.getByRole('table', { name: 'Requests' })
    await requests.getByText('200').first().click()
    await page.getByRole('dialog').getByText('prefill').first().waitFor()
    expect(page.url()).toContain('request=')
    await page.keyboard.press('Escape')
    await page.getByText('warm-up').waitFor()
    expect(visitor.complaints).toEqual([])

    hadal.crashEngine()
    await page.getByText('1 restart').waitFor()
    await hadal.kill()
    await page.getByText('resumes automatically').waitFor()
    expect(await page.getByText('nano-q8_0', { exact: true }).count()).toBeGreaterThan(0)
    await hadal.start()
    await page.getByText('resumes automatically').waitFor({ state: 'detached' })
    await page.getByText('ready', { exact: true }).waitFor()
    // All that it follows comes over one connection: a browser has six for all its tabs.
    expect([...feeds]).toEqual([`${hadal.url}/hadal/live?with=steps,requests`])
  })

  it('has no axe violations in the dark theme, on a phone, in Chinese', async () => {
    const view = { ...phone, theme: 'dark', locale: 'zh-CN' } as const
    await using visitor = await visit(browser, `${hadal.url}/#/live?span=1h`, view)
    const { page } = visitor
    await page.getByText('KV 缓存', { exact: true }).waitFor()
    expect(await axe(page)).toEqual([])
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(wide).toBeLessThanOrEqual(0)
    await shot(page, 'live-dark-zh-phone')
  })

  it('asks for a key where the server has one, and says when it is not accepted', async () => {
    const adminKey = ['admin', 'key', 'of', 'this', 'test'].join('-')
    await using server = await startServer({}, { adminKeys: [adminKey] })
    await using visitor = await visit(browser, `${server.url}/#/live`)
    const { page } = visitor
    const field = page.getByLabel('Administrator key')
    const give = async (key: string): Promise<void> => {
      await field.fill(key)
      await page.getByRole('button', { name: 'Use key' }).click()
    }
    await field.waitFor()
    expect(await page.getByText('Batch timeline').count()).toBe(0)
    await give('another')
    await page.getByText('admin_key_needed').first().waitFor()
    await give(adminKey)
    await page.getByText('Batch timeline').waitFor()
    await page.getByText('No steps yet').waitFor()
    await page.getByText('No KV cache to show').waitFor()
  })

  it('does not grow, however long it is open: a day in fast motion, and a third more', async () => {
    await using server = await startServer()
    await using visitor = await visit(browser, `${server.url}/#/runs`)
    const { page } = visitor
    const live = await (await fetch(`${server.url}/hadal/live`)).text()
    await page.evaluate(fastForward, live)
    await page.evaluate(() => {
      location.hash = '#/live?span=24h'
    })
    await page.getByText('Batch timeline').waitFor()
    const devtools = await visitor.context.newCDPSession(page)
    const size = async (): Promise<{ heap: number; nodes: number; listeners: number }> => {
      await devtools.send('HeapProfiler.collectGarbage')
      const { usedSize } = await devtools.send('Runtime.getHeapUsage')
      const { nodes, jsEventListeners } = await devtools.send('Memory.getDOMCounters')
      return { heap: usedSize, nodes, listeners: jsEventListeners }
    }
    const goOnTo = async (looks: number): Promise<void> => {
      await page.evaluate((most) => Object.assign(window, { most }), looks)
      await page.waitForFunction((most) => (window as unknown as Motion).looks === most, looks)
    }
    // Full rings first: what comes then takes the place of what was.
    await goOnTo(looksOfDay)
    await expect
      .poll(async () => Number(await timeline(page).getAttribute('aria-valuemax')))
      .toBeGreaterThan(3000)
    const before = await size()
    await goOnTo(looksOfDay + 96)
    // A ring that turned without letting go would hold some 1.6 MB more.
    const after = await size()
    expect(after.heap - before.heap).toBeLessThan(1e6)
    expect(after.nodes).toBeLessThan(before.nodes * 1.5 + 500)
    expect(after.listeners).toBeLessThan(before.listeners * 1.5 + 50)
    expect(visitor.complaints).toEqual([])
  })
})

/** As the longest of the page's rings has points. */
const looksOfDay = 288

interface Motion {
  /** At the metrics, so far and before it waits. */
  looks: number
  most: number
}

/** In the page: five minutes pass between two looks at the metrics, with steps and requests; what it is told is made here. */
function fastForward(live: string): void {
  const motion = Object.assign(window, { looks: 0, most: 0 }) as unknown as Motion
  const [ask, now, later] = [window.fetch, Date.now, window.setTimeout]
  let step = 0
  Date.now = () => now() + motion.looks * 300_000
  const pauses = (millis: number | undefined): number | undefined =>
    millis !== undefined && millis >= 1000 && millis <= 2000 ? 1 : millis
  window.setTimeout = ((run: () => void, millis?: number) => later(run, pauses(millis))) as typeof setTimeout
  let notify: (event: string, data: unknown) => void = () => undefined
  const minute = (): void => {
    const { looks } = motion
    notify('live', JSON.parse(live))
    const sequences = [0, 1, 2, 3].map((at) => ({ id: `s${looks}-${at}`, request: `r${looks}-${at}` }))
    const members = [0, 1, 2, 3].map((sequence) => ({ sequence, slot: sequence, shared: 9, sharedWith: 0 }))
    const steps = Array.from({ length: 33 }, () => {
      step += 1
      const tokens = { decodeTokens: 4, prefillTokens: 0, running: 4, waiting: 0, kvCacheUsage: 0.5 }
      return { model: 'fake', step, at: Date.now(), millis: 3, ...tokens, members }
    })
    notify('steps', { steps, sequences, leftOut: 0 })
    for (const { request } of sequences) {
      const begun = { id: request, at: Date.now(), model: 'fake', route: '/v1/chat/completions' }
      notify('began', begun)
      notify('ended', { ...begun, status: 200, millis: 30, sequences: [] })
    }
  }
  const metrics = (): string => {
    const seen = motion.looks * 100
    const first = `vllm:time_to_first_token_seconds_bucket{model_name="fake",le=`
    return [
      `vllm:generation_tokens_total{model_name="fake"} ${seen * 40}`,
      `${first}"0.1"} ${seen}`,
      `${first}"+Inf"} ${seen}`,
    ].join('\n')
  }
  window.fetch = async (...given) => {
    const path = String(given[0])
    if (path.startsWith('/hadal/live')) {
      const body = new ReadableStream({
        start(controller) {
          const encoder = new TextEncoder()
          notify = (event, data) =>
            controller.enqueue(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`))
          notify('live', JSON.parse(live))
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    }
    if (path !== '/metrics') return ask(...given)
    while (motion.looks >= motion.most) await new Promise((resolve) => later(resolve, 20))
    motion.looks += 1
    minute()
    return new Response(metrics())
  }
}
