/** Keys and usage in the console: made, used, limited, revoked; on a phone, in Chinese, with the server away and with keys that are over. */

import { join } from 'node:path'
import { openAdministration } from '@hadal/accounts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  axe,
  noBrowser,
  type OpenPage,
  openBrowser,
  phone,
  type RunningHadal,
  shot,
  startHadal,
  startServer,
  type View,
  visit,
} from './harness.ts'

const adminKey = ['admin', 'of', 'these', 'tests', '0123456789'].join('-')
const config = `export default {
  adminKeys: [${JSON.stringify(adminKey)}],
  database: 'accounts.sqlite',
  currency: 'EUR',
  prices: { 'nano-q8_0': { input: 2, output: 10 } },
}`
const poll = <T>(look: () => T | Promise<T>): ReturnType<typeof expect.poll<T>> => expect.poll(look)
const isSideways = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const main = document.getElementById('main')!
    return document.documentElement.scrollWidth > innerWidth || main.scrollWidth > main.clientWidth
  })

describe.skipIf(noBrowser)('keys and usage', () => {
  let browser: Browser
  let hadal: RunningHadal
  let database: string
  beforeAll(async () => {
    ;[hadal, browser] = await Promise.all([startHadal({ config }), openBrowser()])
    database = join(hadal.folder, 'accounts.sqlite')
  })
  afterAll(async () => {
    await browser?.close()
    await hadal?.[Symbol.asyncDispose]()
  })

  const open = (hash = '#/keys', view: View = {}): Promise<OpenPage> =>
    visit(browser, `${hadal.url}/${hash}`, { adminKey, ...view })
  const ask = (secret: string): Promise<Response> =>
    fetch(`${hadal.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'fake',
        max_tokens: 8,
        messages: [{ role: 'user', content: 'Hi there' }],
      }),
    })

  it('makes a key by keyboard, shows it once, and a request with it counts', async () => {
    await using opened = await open()
    const { page, complaints } = opened
    await page.getByText('No keys yet').waitFor()
    await page.getByRole('button', { name: 'New key' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByText('Enter a name.').waitFor()
    await page.getByLabel('Name').fill('team <b>blue</b>')
    await page.getByLabel('Requests per minute').fill('60')
    await page.getByLabel('Monthly budget').selectOption('money')
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByText('Enter an amount.').waitFor()
    await page.getByLabel('Amount').fill('5')
    await page.getByLabel('Name').press('Enter')
    const secret = await page.locator('.keys-secret code').textContent()
    expect(secret).toMatch(/^hdl_[\w-]{43}$/)
    await page.getByRole('button', { name: 'Copy key' }).click()
    await poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(secret)
    await page.getByRole('button', { name: 'Done' }).click()
    await poll(() => page.locator('.keys-secret').count()).toBe(0)
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain(
      secret,
    )

    expect((await ask(secret!)).status).toBe(200)
    const row = page.getByRole('row', { name: /team <b>blue/ })
    await poll(() => row.textContent()).toMatch(/60 requests\/min.*5\.00 EUR\/month/)
    // The list is asked for again by itself.
    await poll(() => row.getByRole('cell').nth(3).textContent()).toBe('1')
    expect(complaints).toEqual([])
  })

  it('changes limits, and revokes after a question; the key is then refused', async () => {
    const administration = await openAdministration({ database })
    const { secret } = await administration.create('nightly')
    await administration[Symbol.asyncDispose]()
    await using opened = await open()
    const { page, complaints } = opened
    await page.getByRole('row', { name: /nightly/ }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Edit limits' }).click()
    const save = page.getByRole('button', { name: 'Save' })
    expect(await save.isDisabled()).toBe(true)
    await page.getByLabel('Max concurrent requests').fill('0')
    await save.click()
    await page.getByText('not a whole number of at least 1').waitFor()
    await page.getByLabel('Max concurrent requests').fill('2')
    await save.click()
    await page.getByText('Limits of nightly updated').waitFor()
    await page.getByRole('dialog').getByText('2 concurrent').waitFor()
    await page.getByRole('button', { name: 'Revoke' }).click()
    await page
      .getByRole('dialog', { name: 'Revoke nightly?' })
      .getByRole('button', { name: 'Revoke' })
      .click()
    await page.getByText('nightly revoked.').waitFor()
    await poll(async () => (await ask(secret)).status).toBe(401)
    await page.keyboard.press('Escape')
    await poll(() => page.getByRole('row', { name: /nightly/ }).count()).toBe(0)
    await page.getByRole('switch', { name: 'Show revoked and expired' }).click()
    await page.getByRole('row', { name: /nightly.*revoked/ }).waitFor()
    expect(complaints).toEqual([])
  })

  it('shows what was used by day, key and model, of a month that the address names', async () => {
    await using opened = await open('#/keys/usage')
    const { page, complaints } = opened
    await page.getByRole('table', { name: 'By model' }).getByText('nano-q8_0').waitFor()
    await page.getByRole('radio', { name: 'Requests' }).click()
    await page.getByRole('figure', { name: 'By day' }).locator('canvas').waitFor()
    await shot(page, 'keys-usage')
    await page.getByRole('table', { name: 'By key' }).getByRole('row').nth(1).click()
    await poll(() => page.url()).toMatch(/key=key_/)
    await page.getByRole('button', { name: 'Previous month' }).click()
    await poll(() => page.url()).toMatch(/month=\d{4}-\d\d/)
    await page
      .getByText(/No usage in/)
      .first()
      .waitFor()
    expect(complaints).toEqual([])
  })

  it.each([
    ['light', phone, '#/keys'],
    ['dark', {}, '#/keys/usage'],
  ] as const)('has nothing that axe calls serious, in Chinese, %s %o', async (theme, view, hash) => {
    await using opened = await open(hash, { ...view, theme, locale: 'zh-CN' })
    const { page } = opened
    await page.getByRole('table').first().waitFor()
    if (hash === '#/keys') {
      await page.getByRole('button', { name: '新建密钥' }).click()
      await page.getByLabel('每分钟请求数').waitFor()
    }
    expect(await axe(page)).toEqual([])
    expect(await isSideways(page)).toBe(false)
  })

  it('refuses a wrong key, and one of the database whose time is over, and goes on with the right one', async () => {
    const administration = await openAdministration({ database })
    const { secret } = await administration.create('over', { expiresAt: Date.now() - 1000 })
    await administration[Symbol.asyncDispose]()
    expect(((await (await ask(secret)).json()) as { error: { code: string } }).error.code).toBe('key_expired')
    await using opened = await open('#/keys', { adminKey: secret })
    const { page } = opened
    const field = page.getByLabel('Administrator key')
    await field.fill(adminKey)
    await field.press('Enter')
    await page.getByRole('button', { name: 'New key' }).waitFor()
  })

  it('keeps its content while the server is unreachable, and recovers, also while an engine restarts', async () => {
    await using opened = await open()
    const { page, context } = opened
    await page.getByRole('row', { name: /team/ }).waitFor()
    await context.setOffline(true)
    await page.getByText('The server is unreachable.').first().waitFor()
    expect(await page.getByRole('row', { name: /team/ }).count()).toBe(1)
    await context.setOffline(false)
    await page.getByText('The server is unreachable.').first().waitFor({ state: 'detached' })
    hadal.crashEngine()
    await page.getByRole('row', { name: /team/ }).click()
    await page.getByRole('button', { name: 'Edit limits' }).waitFor()
  })

  it('are not kept by a service without a database, which says how to get one', async () => {
    await using served = await startServer()
    await using opened = await visit(browser, `${served.url}/#/keys`)
    await opened.page.getByText('No key database configured').waitFor()
    await opened.page.getByText("database: 'accounts.sqlite'").waitFor()
    expect(await axe(opened.page)).toEqual([])
  })
})
