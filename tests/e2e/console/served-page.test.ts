import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe, noBrowser, openBrowser, type RunningServer, startServer, visit } from './harness.ts'

/** As browsers ask: packed. */
async function packedBytes(url: string): Promise<{ bytes: number; text: string }> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('end', () => {
        const body = Buffer.concat(pieces)
        const isPacked = response.headers['content-encoding'] === 'gzip'
        resolve({ bytes: body.length, text: (isPacked ? gunzipSync(body) : body).toString() })
      })
    })
      .on('error', reject)
      .end()
  })
}

describe.skipIf(noBrowser)('the page that a server has at /', () => {
  let browser: Browser
  let served: RunningServer
  beforeAll(async () => {
    browser = await openBrowser()
    served = await startServer()
  })
  afterAll(async () => {
    await browser?.close()
    await served?.[Symbol.asyncDispose]()
  })

  it('loads less than 200 kB packed before one can chat', async () => {
    await using opened = await visit(browser, 'about:blank')
    const requested = new Set<string>()
    const { page } = opened
    await opened.context.unroute('**/*')
    page.on('request', (each) => requested.add(each.url()))
    await page.goto(served.url)
    await page.getByRole('textbox').first().waitFor()
    await page.waitForLoadState('networkidle')
    const files = [...requested].filter((url) => !/\/(v1|hadal|ready|health)\b/.test(url))
    const sizes = await Promise.all(files.map(async (url) => (await packedBytes(url)).bytes))
    expect(files.some((url) => url.endsWith('.js'))).toBe(true)
    expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(200_000)
  })

  it('contacts no other host, complies with its policy, and has no serious axe findings', async () => {
    await using opened = await visit(browser, served.url)
    await opened.page.getByRole('main').waitFor()
    await opened.page.waitForLoadState('networkidle')
    expect(await axe(opened.page)).toEqual([])
    expect(opened.complaints).toEqual([])
  })

  it('forbids scripts that are not its own, frames and other hosts', async () => {
    const { headers } = await fetch(served.url)
    const policy = headers.get('content-security-policy') ?? ''
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
    ])
      expect(policy).toContain(rule)
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    await using opened = await visit(browser, served.url)
    const ran = await opened.page.evaluate(() => {
      const script = document.createElement('script')
      try {
        script.textContent = 'window.ran = true'
      } catch {
        return false
      }
      document.body.append(script)
      return 'ran' in window
    })
    expect(ran).toBe(false)
  })
})
