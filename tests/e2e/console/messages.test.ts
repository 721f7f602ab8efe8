import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeEngine, type FakeEngine } from '@hadal/engine'
import { createServer, type HadalServer } from '@hadal/server'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message, Token } from '../../../packages/console/src/pages/playground/conversation.ts'
import { axe, noBrowser, openBrowser, phone, shot, type View, visit } from './harness.ts'
import type { Stage } from './messages-stage/stage.tsx'
import { corpus } from './messages-stage/xss-corpus.ts'

declare const stage: Stage

/** The stage, built as the console is, and served with the console's policy. */
async function serveStage(folder: string): Promise<{ engine: FakeEngine; server: HadalServer; url: string }> {
  await build({
    configFile: join(import.meta.dirname, '../../../packages/console/vite.config.ts'),
    root: join(import.meta.dirname, 'messages-stage'),
    logLevel: 'error',
    // Tests run where React would be built with all its checks.
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { outDir: folder },
  })
  const engine = createFakeEngine({ model: { id: 'fake' } })
  const server = createServer({ engines: [engine], consoleFolder: folder })
  const { url } = await server.listen()
  return { engine, server, url }
}

const answer: Message = {
  id: 'a1',
  parent: 'q1',
  role: 'assistant',
  state: 'done',
  createdAt: 0,
  parts: [{ type: 'text', text: 'Hello' }],
}

function tokenOf(text: string, probability: number, bytes = [...Buffer.from(text)]): Token {
  const other = { text: ' sea', logprob: Math.log(0.2), bytes: [...Buffer.from(' sea')] }
  const own = { text, logprob: Math.log(probability), bytes }
  return { ...own, top: probability > 0.2 ? [own, other] : [other, own] }
}

/** All that stands in the page, as a reader of its source would see it: what is not on the lists is told. */
function foreignThings(): string[] {
  const tags =
    /^(section|div|p|h[3-6]|em|strong|del|br|hr|blockquote|code|pre|ul|ol|li|a|table|thead|tbody|tr|th|td|input|figure|figcaption|span|button|svg|path)$/
  const attributes =
    /^(class|href|target|rel|title|start|type|checked|disabled|dir|id|tabindex|role|scope|style|d|viewBox|width|height|fill|stroke.*|data-case|aria-.*|focusable)$/
  const found: string[] = []
  for (const element of document.querySelectorAll('#root *')) {
    if (!tags.test(element.localName)) found.push(`<${element.localName}>`)
    for (const { name, value } of element.attributes) {
      if (!attributes.test(name) || name.startsWith('on')) found.push(`${element.localName} ${name}=${value}`)
      if (name === 'href' && !/^(https?:\/\/[^@\\]+|mailto:[^?]+)$/.test(value)) found.push(`href=${value}`)
      if (name === 'href' && /[\u0000-\u0020"<>\u007f-\uffff]/.test(value)) found.push(`href=${value}`)
      if (name === 'id' && !/^[\w«»:]*r[\w«»:]*$/.test(value)) found.push(`id=${value}`)
      if (name === 'style' && !/^(text-align: \w+;|max-width: 44rem; margin: 1rem auto;)$/.test(value))
        found.push(`style=${value}`)
      if (name === 'class' && !/^((md|button|icon|visually)[\w-]*\s*)*$/.test(value))
        found.push(`class=${value}`)
    }
    if (element.localName === 'a' && element.getAttribute('rel') !== 'noopener noreferrer nofollow')
      found.push('a link without rel')
  }
  return found
}

describe.skipIf(noBrowser)('messages of the playground', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-stage-'))
  let browser: Browser
  let served: Awaited<ReturnType<typeof serveStage>>
  beforeAll(async () => {
    ;[browser, served] = await Promise.all([openBrowser(), serveStage(folder)])
  })
  afterAll(async () => {
    await browser?.close()
    await served?.server.close()
    await served?.engine[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const onStage = async (view: View = {}): ReturnType<typeof visit> => {
    const opened = await visit(browser, served.url, view)
    await opened.page.waitForFunction(() => 'stage' in globalThis)
    return opened
  }
  const show = (page: Page, message: Partial<Message>, answers?: Message): Promise<void> =>
    page.evaluate(([given, result]) => stage.show([{ message: given, ...(result && { answers: result }) }]), [
      { ...answer, ...message },
      answers,
    ] as const)

  it('show hostile texts as text: no script runs, nothing is asked of anybody, no address but of the web and of mail', async () => {
    expect(new Set(corpus).size).toBeGreaterThanOrEqual(150)
    await using opened = await onStage()
    const { page } = opened
    const complaints: string[] = []
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    page.on('dialog', (dialog) => {
      complaints.push(`dialog ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('framenavigated', (frame) => complaints.push(`went to ${frame.url()}`))
    await page.evaluate(() => Object.assign(globalThis, { alert: () => console.error('a script ran') }))
    await page.evaluate((texts) => stage.showMarkdown(texts), corpus)
    await page.waitForFunction(
      (count) => document.querySelectorAll('[data-case]').length === count,
      corpus.length,
    )
    expect(await page.evaluate(foreignThings)).toEqual([])
    for (const element of ['a', 'button', 'pre']) await page.locator(element).first().hover()
    expect(await page.evaluate(() => document.body.textContent?.includes('<script>alert(1)</script>'))).toBe(
      true,
    )
    // What a hostile text names (`id=root`, `name=stage`) names nothing in the page.
    expect(await page.evaluate(() => [document.querySelectorAll('#root').length, typeof stage.show])).toEqual(
      [1, 'function'],
    )
    expect(asked).toEqual([])
    expect([...complaints, ...opened.complaints]).toEqual([])
  })

  it('say where a link leads that names another place, and load no image', async () => {
    await using opened = await onStage()
    const { page } = opened
    await page.evaluate(() =>
      stage.showMarkdown([
        '[bank.example](https://evil.example/login) ![a cat](https://pictures.example/cat.png) [docs](https://docs.example)',
      ]),
    )
    const text = await page.locator('#root').innerText()
    expect(text).toContain('bank.example (leads to evil.example)')
    expect(text).toContain('a cat image at pictures.example, not loaded')
    expect(text).not.toContain('docs.example')
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.getByRole('link', { name: 'docs' }).getAttribute('target')).toBe('_blank')
  })

  it.each(streams())(
    'stay responsive while %s comes at 1,000 tokens a second',
    { retry: 0 },
    async (_, text) => {
      await using opened = await onStage({ width: 1000, height: 800 })
      const { page } = opened
      // What is compiled once is not what is measured.
      await page.evaluate((sample) => stage.stream(sample, 40_000), text.slice(0, 6_000))
      await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] })
      const { shown, frames } = await page.evaluate((all) => stage.stream(all, 20_000), text)
      const tasks = longestTasks(await browser.stopTracing())
      if (process.env.SHOWTASKS) process.stderr.write(`TASKS ${_} ${frames} ${tasks.slice(0, 5)}\n`)
      expect(shown).toBeGreaterThan(text.length / 4)
      expect(tasks[0]).toBeLessThan(50)
    },
  )
})

/**
 * Tasks of the page's main thread in milliseconds of its processor, the longest first: what the page makes of the time it
 * gets, whatever else the machine does meanwhile.
 */
function longestTasks(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] }
  const isMain = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  return traceEvents
    .filter(({ name, pid, tid }) => /RunTask$/.test(name) && isMain.has(`${pid} ${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000)
    .sort((one, other) => other - one)
}

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** Microseconds of the thread's processor. */
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

/** Each of some 10,000 tokens, in the shapes that are worst for a page. */
function streams(): [string, string][] {
  const repeated = (piece: string, length = 40_000): string =>
    piece.repeat(Math.ceil(length / piece.length)).slice(0, length)
  const prose = 'The *sea* is deep, and `hadal` is **deepest**: see [the trench](https://example.com). '
  return [
    ['one paragraph', repeated(prose)],
    ['one block of code', `\`\`\`ts\n${repeated('const depth = measure(trench) // 10,935 m\n')}`],
    ['a table of 2,000 rows', `| a | b | c |\n|---|---|---|\n${'| 12 | deep | x |\n'.repeat(2_000)}`],
    ['nested lists', repeated('- one **two**\n  - three\n    1. four\n    2. `five`\n')],
    [
      'an answer of everything',
      repeated(
        `## Depth\n\n${prose.repeat(4)}\n\n- ${prose}\n- ${prose}\n\n\`\`\`py\nprint(1)\n\`\`\`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n`,
      ),
    ],
    ['backticks', `a ${'`'.repeat(100_000)}`.slice(0, 40_000)],
  ]
}
void [axe, phone, shot, tokenOf]
