/** The frame around each page: going from one to another, keys, themes, languages, and a server that goes away. */

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

const adminKey = ['admin', 'of', 'a', 'test', 'server', '0123456789'].join('-')
/** This machine may be busy: what comes is waited for. */
const poll = <T>(look: () => T | Promise<T>): ReturnType<typeof expect.poll<T>> => expect.poll(look)
const title = (page: Page): Promise<string | null> => page.locator('h1').first().textContent()

let browser: Browser
beforeAll(async () => {
  if (!noBrowser) browser = await openBrowser()
})
afterAll(async () => browser?.close())

describe.skipIf(noBrowser)('a server with a port for administrators', () => {
  it('says at each of its addresses which pages are at the other', async () => {
    await using served = await startServer({}, { separateAdmin: true })
    const { url } = await served.server.listenForAdmins()
    await using clients = await visit(browser, `${served.url}/#/keys`)
    await clients.page.getByText('Administrator pages are on another port').waitFor()
    await clients.page.getByRole('link', { name: 'Open Playground' }).click()
    await clients.page.getByText('How can I help?').waitFor()
    await using administrators = await visit(browser, `${url}/#/playground`)
    await administrators.page.getByText('This is the administrator port').waitFor()
    expect(await axe(administrators.page)).toEqual([])
    await administrators.page.getByRole('link', { name: 'Open Live' }).click()
    await administrators.page.getByText('Current server activity').waitFor()
  })
})

describe.skipIf(noBrowser)('the frame around each page', () => {
  let served: RunningServer
  beforeAll(async () => {
    served = await startServer()
  })
  afterAll(async () => {
    await served?.[Symbol.asyncDispose]()
  })

  it('goes from page to page by keyboard: the window is named, the heading has the focus, the link is marked', async () => {
    await using opened = await visit(browser, `${served.url}/#/design`)
    const { page, complaints } = opened
    await page.getByRole('heading', { level: 1, name: 'Components' }).waitFor()
    await poll(() => page.title()).toBe('Components · Hadal')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content')
    const link = page.getByRole('link', { name: 'Keys and usage' }).first()
    await link.focus()
    await page.keyboard.press('Enter')
    await poll(() => page.title()).toBe('Keys and usage · Hadal')
    await poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
    expect(await link.getAttribute('aria-current')).toBe('page')
    expect(complaints).toEqual([])
  })

  it('puts the focus on the heading also for who goes on before the first page is loaded', async () => {
    await using opened = await visit(browser, `${served.url}/`)
    const { page } = opened
    await page.route(/design-page-.*\.js$/, () => {}) // It never comes.
    await page.goto(`${served.url}/?again#/design`)
    await poll(() => page.title()).toBe('Components · Hadal')
    const link = page.getByRole('link', { name: 'Keys and usage' }).first()
    await link.focus()
    await page.keyboard.press('Enter')
    await poll(() => page.title()).toBe('Keys and usage · Hadal')
    await poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
  })

  it('finds a page and a theme by typing, after Control and K', async () => {
    await using opened = await visit(browser, `${served.url}/#/design`)
    const { page } = opened
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Search pages' }).waitFor()
    await page.keyboard.type('dark')
    await shot(page, 'shell-palette')
    await page.keyboard.press('Enter')
    await poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
    await page.reload()
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Search pages' }).fill('keys and')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await poll(() => title(page)).toBe('Keys and usage')
  })

  it('follows the system until a theme is chosen, and speaks Chinese where the browser does', async () => {
    await using opened = await visit(browser, `${served.url}/#/design`, { theme: 'dark', locale: 'zh-CN' })
    const { page } = opened
    await page.getByRole('heading', { level: 1, name: '组件' }).waitFor()
    const looks = (): Promise<string[]> =>
      page.evaluate(() => [document.documentElement.dataset.theme ?? '', document.documentElement.lang])
    expect(await looks()).toEqual(['dark', 'zh-CN'])
    await page.emulateMedia({ colorScheme: 'light' })
    await poll(looks).toEqual(['light', 'zh-CN'])
    await page.getByRole('button', { name: '语言' }).click()
    await page.getByRole('menuitemradio', { name: 'English' }).click()
    await poll(() => title(page)).toBe('Components')
    expect(await looks()).toEqual(['light', 'en'])
  })

  it('has its pages at the foot of a phone, and all of them behind the last button', async () => {
    await using opened = await visit(browser, `${served.url}/#/design`, phone)
    const { page } = opened
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.getByRole('button', { name: 'More' }).click()
    await shot(page, 'shell-more-phone')
    await page.getByRole('dialog').getByRole('link', { name: 'Keys and usage' }).click()
    await poll(() => title(page)).toBe('Keys and usage')
    expect(await page.getByRole('dialog').count()).toBe(0)
    const isSideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    expect(isSideways).toBe(false)
  })

  it('says so where there is no such page', async () => {
    await using opened = await visit(browser, `${served.url}/#/nowhere%2Fat-all`)
    await poll(() => title(opened.page)).toBe('Page not found')
    expect(await opened.page.locator('main').textContent()).toContain(
      'There is no page named nowhere/at-all.',
    )
  })

  it('keeps what befalls one page from the others', async () => {
    await using opened = await visit(browser, `${served.url}/#/design`)
    const { page, context } = opened
    await page.getByRole('heading', { level: 1 }).waitFor()
    await context.route(/keys-page/, (route) => route.abort())
    await page.getByRole('link', { name: 'Keys and usage' }).first().click()
    await page.getByRole('heading', { name: 'This page failed to load' }).waitFor()
    await page.getByRole('link', { name: 'Playground' }).first().click()
    await poll(() => page.title()).toBe('Playground · Hadal')
  })

  it.each([
    ['light', phone],
    ['dark', { width: 2000, height: 1200 }],
  ] as const)('has nothing that axe calls serious in any component, %s %o', async (theme, view) => {
    await using opened = await visit(browser, `${served.url}/#/design`, { ...view, theme })
    const { page, complaints } = opened
    await page.locator('.chart-plot canvas').nth(2).waitFor()
    expect(await axe(page)).toEqual([])
    expect(complaints).toEqual([])
    const isSideways = await page.evaluate(() => {
      const main = document.getElementById('main')!
      return document.documentElement.scrollWidth > innerWidth || main.scrollWidth > main.clientWidth
    })
    expect(isSideways).toBe(false)
  })

  it('reads out chart values with the arrow keys, hides a curve, and shows the values as a table', async () => {
    await using opened = await visit(browser, `${served.url}/#/design`)
    const { page } = opened
    const chart = page.getByRole('figure', { name: 'loss' })
    await chart.locator('canvas').waitFor()
    await chart.getByRole('img').focus()
    await page.keyboard.press('Home')
    await poll(() => chart.locator('.chart-at').textContent()).toBe('step 0')
    await page.keyboard.press('ArrowRight')
    await poll(() => chart.locator('.chart-at').textContent()).not.toBe('step 0')
    const train = chart.getByRole('button', { name: /train/ })
    await train.click()
    expect(await train.getAttribute('aria-pressed')).toBe('false')
    await chart.getByRole('button', { name: 'Show as table' }).click()
    await poll(() => chart.getByRole('row').count()).toBeGreaterThan(100)
    expect(await chart.getByRole('columnheader', { name: 'eval' }).count()).toBe(1)
  })
})

describe.skipIf(noBrowser)('a page for administrators', () => {
  let served: RunningServer
  beforeAll(async () => {
    served = await startServer({}, { adminKeys: [adminKey] })
  })
  afterAll(async () => {
    await served?.[Symbol.asyncDispose]()
  })

  it('asks for the key, says what the server has against a wrong one, and opens with the right one', async () => {
    await using opened = await visit(browser, `${served.url}/#/live`)
    const { page, complaints } = opened
    const field = page.getByLabel('Administrator key')
    await field.fill('wrong')
    await page.getByRole('button', { name: 'Use key' }).click()
    await page.getByText('Invalid key.').waitFor()
    expect(await field.inputValue()).toBe('wrong')
    expect(await axe(page)).toEqual([])
    await shot(page, 'shell-door')
    await field.fill(adminKey)
    await page.keyboard.press('Enter')
    await field.waitFor({ state: 'detached' })
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Live' }).waitFor()
    expect(await page.getByLabel('Administrator key').count()).toBe(0)
    expect(
      await page.evaluate(() => JSON.stringify(localStorage) + document.cookie + location.href),
    ).not.toContain(adminKey)
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill('Clear keys')
    await page.keyboard.press('Enter')
    await field.waitFor()
    await poll(() => title(page)).toBe('Live')
    expect(await page.locator('.shell-banner').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('says when the time of a key is over, keeps the page, and goes on with another', async () => {
    await using opened = await visit(browser, `${served.url}/#/live`)
    const { page, context } = opened
    await page.getByLabel('Administrator key').fill(adminKey)
    await page.keyboard.press('Enter')
    await page.getByLabel('Administrator key').waitFor({ state: 'detached' })
    const body = {
      error: {
        message: 'the API key ab…cd expired at 12:00',
        code: 'key_expired',
        help: 'Ask for a new one.',
      },
    }
    await context.route('**/hadal/**', (route) => route.fulfill({ status: 401, json: body }))
    await page.getByRole('link', { name: 'Keys and usage' }).first().click()
    await page.getByText('This key has expired.').waitFor()
    await poll(() => title(page)).toBe('Keys and usage')
    await page.getByRole('button', { name: 'Enter a key' }).click()
    await page.getByRole('dialog').getByText('key_expired').waitFor()
    await context.unroute('**/hadal/**')
    await page.getByRole('dialog').getByLabel('Administrator key').fill(adminKey)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await poll(() => page.locator('.shell-banner').count()).toBe(0)
  })
})

describe.skipIf(noBrowser)('a server that goes away', () => {
  let hadal: RunningHadal
  beforeAll(async () => {
    hadal = await startHadal()
  })
  afterAll(async () => {
    await hadal?.[Symbol.asyncDispose]()
  })

  it('is reported while it is away and when it returns; content stays, and pending content loads', async () => {
    await using opened = await visit(browser, `${hadal.url}/#/design`)
    const { page } = opened
    await page.locator('.chart-plot canvas').first().waitFor()
    await hadal.kill()
    // The user returns to the window; the page also polls every 10 s.
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await page.getByText('The server is unreachable.').waitFor()
    await shot(page, 'shell-down')
    expect(await title(page)).toBe('Components')
    await page.getByRole('link', { name: 'Keys and usage' }).first().click()
    await poll(() => title(page)).toBe('Keys and usage')
    // Shown for four seconds only, perhaps before the start is noticed here.
    await Promise.all([page.getByText('The server is reachable again.').waitFor(), hadal.start()])
    await poll(() => page.title()).toBe('Keys and usage · Hadal')
    await poll(() => page.locator('.shell-banner').count()).toBe(0)
  })

  it('is reported while its engine restarts', async () => {
    await using opened = await visit(browser, `${hadal.url}/#/design`)
    const { page } = opened
    await page.getByRole('heading', { level: 1 }).waitFor()
    // The first restart is so quick that the page may not see it. Each further one is delayed for longer.
    await expect
      .poll(
        async () => {
          hadal.crashEngine()
          await page.evaluate(() => dispatchEvent(new Event('online')))
          return page.getByText('No model is ready').count()
        },
        { interval: 50 },
      )
      .toBe(1)
    await page.getByText('The server is reachable again.').waitFor()
  })
})
