import { setTimeout as sleep } from 'node:timers/promises'
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

const patient = { timeout: 20_000 }

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
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await hadal?.[Symbol.asyncDispose]()
  })

  it('shows real batches: who was computed with whom, by pointer and by keyboard, in words and as a table', async () => {
    await using visitor = await visit(browser, `${hadal.url}/#/live`, { width: 1440, height: 1600 })
    const { page } = visitor
    await page.getByText('nano-q8_0', { exact: true }).waitFor(patient)
    // Steps are told from when the page listens on.
    await expect
      .poll(
        async () => {
          await chats(hadal.url)
          return timeline(page).count()
        },
        { timeout: 30_000 },
      )
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
    await expect.poll(isShared, { timeout: 20_000, interval: 10 }).toBe(true)
    await shot(page, 'live-step')
    await page.keyboard.press('Escape')
    await table.waitFor({ state: 'detached' })
    // What is kept of them, and how each went.
    await page.getByRole('table', { name: 'Prefix tree' }).locator('tbody tr').first().waitFor(patient)
    const requests = page.getByRole('table', { name: 'Requests' })
    await requests.getByText('200').first().click(patient)
    await page.getByRole('dialog').getByText('prefill').first().waitFor(patient)
    expect(page.url()).toContain('request=')
    await page.keyboard.press('Escape')
    await page.getByText('warm-up').waitFor(patient)
    expect(visitor.complaints).toEqual([])
  }, 90_000)

  it('has no fault that axe finds, on a phone, in Chinese, in both themes', async () => {
    for (const theme of ['light', 'dark'] as const) {
      await using visitor = await visit(browser, `${hadal.url}/#/live?span=1h`, {
        ...phone,
        theme,
        locale: 'zh-CN',
      })
      const { page } = visitor
      await page.getByText('KV 缓存').waitFor(patient)
      expect(await axe(page)).toEqual([])
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(wide).toBeLessThanOrEqual(0)
      await shot(page, `live-${theme}-zh-phone`)
    }
  }, 60_000)

  it('keeps what it shows while the server is away, and goes on when it is back', async () => {
    await using visitor = await visit(browser, `${hadal.url}/#/live`)
    const { page } = visitor
    await page.getByText('nano-q8_0', { exact: true }).waitFor(patient)
    hadal.crashEngine()
    await page.getByText('restarting').or(page.getByText('restarted once')).first().waitFor(patient)
    await page.getByText('restarted once').waitFor(patient)
    await hadal.kill()
    await page.getByText('goes on when the server is back').waitFor(patient)
    expect(await page.getByText('nano-q8_0', { exact: true }).count()).toBeGreaterThan(0)
    await hadal.start()
    await page.getByText('goes on when the server is back').waitFor({ state: 'detached', ...patient })
    await page.getByText('ready', { exact: true }).waitFor(patient)
  }, 90_000)

  it('asks for a key where the server has one, and says when it is not accepted', async () => {
    const adminKey = ['admin', 'key', 'of', 'this', 'test'].join('-')
    await using server = await startServer({}, { adminKeys: [adminKey] })
    await using visitor = await visit(browser, `${server.url}/#/live`)
    const { page } = visitor
    await page.getByRole('main').getByText(/key/i).first().waitFor(patient)
    expect(await page.getByText('Batch timeline').count()).toBe(0)
    const enter = (key: string): Promise<void> =>
      page.evaluate((adminKey) => {
        sessionStorage.setItem('hadal.keys', JSON.stringify({ adminKey }))
        location.reload()
      }, key)
    await enter(adminKey)
    await page.getByText('Batch timeline').waitFor(patient)
    await page.getByText('No steps yet').waitFor(patient)
    await page.getByText('No cells to show').waitFor(patient)
  }, 60_000)

  it('does not grow, however long it is open', async () => {
    await using server = await startServer({ reply: 'word '.repeat(60) })
    await using visitor = await visit(browser, `${server.url}/#/live`)
    const { page } = visitor
    await page.getByText('Batch timeline').waitFor(patient)
    const devtools = await visitor.context.newCDPSession(page)
    const stop = new AbortController()
    const busy = (async () => {
      while (!stop.signal.aborted) {
        await Promise.all(Array.from({ length: 6 }, (_, at) => chat(server.url, `${at}`, 60)))
        await sleep(5)
      }
    })()
    const size = async (): Promise<{ heap: number; nodes: number; listeners: number }> => {
      await devtools.send('HeapProfiler.collectGarbage')
      const { usedSize } = await devtools.send('Runtime.getHeapUsage')
      const { nodes, jsEventListeners } = await devtools.send('Memory.getDOMCounters')
      return { heap: usedSize, nodes, listeners: jsEventListeners }
    }
    const steps = async (): Promise<number> =>
      Number(await timeline(page).getAttribute('aria-valuemax', patient))
    // Full rings first: what comes then takes the place of what was.
    await expect.poll(steps, { timeout: 30_000 }).toBeGreaterThan(3_200)
    const before = await size()
    const from = await steps()
    await expect.poll(steps, { timeout: 30_000 }).toBeGreaterThan(from + 3_200)
    const after = await size()
    stop.abort()
    await busy
    expect(after.heap - before.heap).toBeLessThan(12e6)
    expect(after.nodes).toBeLessThan(before.nodes * 1.5 + 500)
    expect(after.listeners).toBeLessThan(before.listeners * 1.5 + 50)
  }, 120_000)
})
