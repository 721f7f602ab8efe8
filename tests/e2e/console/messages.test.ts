import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeEngine, type FakeEngine } from '@hadal/engine'
import { createServer, type HadalServer } from '@hadal/server'
import fc from 'fast-check'
import type { Browser, Locator, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message, Stage, Token } from '../../../packages/apps/console/test/messages-stage/stage.tsx'
import { corpus } from '../../../packages/apps/console/test/messages-stage/xss-corpus.ts'
import { axe, noBrowser, openBrowser, phone, shot, type View, visit } from './harness.ts'

declare const stage: Stage

/** The stage, built as the console is, and served with the console's policy. */
async function serveStage(folder: string): Promise<{ engine: FakeEngine; server: HadalServer; url: string }> {
  // Else React is built with all the checks of its development.
  const { NODE_ENV } = process.env
  process.env.NODE_ENV = 'production'
  await build({
    configFile: join(import.meta.dirname, '../../../packages/apps/console/vite.config.ts'),
    root: join(import.meta.dirname, '../../../packages/apps/console/test/messages-stage'),
    logLevel: 'error',
    build: { outDir: folder },
  })
  process.env.NODE_ENV = NODE_ENV
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
      if (name === 'href' && !/^(https?:\/\/[^@\\/?#]+([/?#][^\\]*)?|mailto:[^?]+)$/.test(value))
        found.push(`href=${value}`)
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

  it('show hostile text as text: no script runs, no request is sent, and links are only web or mail', async () => {
    expect(new Set(corpus).size).toBeGreaterThanOrEqual(150)
    await using opened = await onStage()
    const { page } = opened
    const complaints: string[] = []
    const requested: string[] = []
    page.on('request', (request) => requested.push(request.url()))
    page.on('dialog', (dialog) => {
      complaints.push(`dialog ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('framenavigated', (frame) => complaints.push(`went to ${frame.url()}`))
    await page.evaluate(() => Object.assign(globalThis, { alert: () => console.error('a script ran') }))
    const texts = [...corpus, ...fuzzed()]
    await page.evaluate((all) => stage.showMarkdown(all), texts)
    await page.waitForFunction(
      (count) => document.querySelectorAll('[data-case]').length === count,
      texts.length,
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
    expect(requested).toEqual([])
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
    const text = await page.locator('#root').textContent()
    expect(text).toContain('bank.example (leads to evil.example)')
    expect(text).toContain('a cat image at pictures.example, not loaded')
    expect(text).not.toContain('docs.example')
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.getByRole('link', { name: 'docs' }).getAttribute('target')).toBe('_blank')
  })

  it.each(streams())(
    'stay responsive while %s comes at 2,000 tokens a second',
    { retry: 2 },
    async (_, text) => {
      await using opened = await onStage({ width: 1000, height: 800 })
      const { page } = opened
      // 40,000 characters a second, at 60 frames a second. What is compiled once is not what is measured.
      await page.evaluate((sample) => stage.stream(sample, 667), text.slice(0, 4_000))
      await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] })
      const { shown } = await page.evaluate((all) => stage.stream(all, 667), text)
      const tasks = longestTasks(await browser.stopTracing())
      expect(shown).toBeGreaterThan(text.length / 4)
      expect(tasks[0]).toBeLessThan(50)
    },
  )

  it('show tokens with what else was likely, by pointer and by keys', async () => {
    await using opened = await onStage()
    const { page } = opened
    const wave = [...Buffer.from('海')]
    const tokens = [
      tokenOf('The', 0.95),
      tokenOf(' ocean', 0.15),
      tokenOf(' 海', 0.5, [0x20, ...wave.slice(0, 1)]),
      tokenOf('', 0.5, wave.slice(1)),
      tokenOf('\n', 0.05),
    ]
    await show(page, { parts: [{ type: 'text', text: 'The ocean 海\n', tokens }] })
    await page.getByText('Tokens', { exact: true }).click()
    const text = page.getByRole('group', { name: /Tokens of the response/ })
    await expectText(text, 'The ocean 海\n')
    await page.getByText(' ocean', { exact: true }).hover()
    const detail = page.locator('.tk-detail')
    await detail.getByText('15%').first().waitFor()
    expect(await detail.locator('li').allTextContents()).toEqual([
      '␣sea20%',
      '␣ocean15%selected',
      'other tokens65%',
    ])
    await page.mouse.move(0, 0)
    await detail.waitFor({ state: 'detached' })
    await text.focus()
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key)
    // One character of two tokens: both are told.
    await detail.getByText('bytes 20 E6').waitFor()
    await detail.getByText('Token 4').waitFor()
    await page.keyboard.press('End')
    await detail.getByText('Token 5').waitFor()
    await page.keyboard.press('Escape')
    await detail.waitFor({ state: 'detached' })
    expect(await page.locator('.tk-3').allTextContents()).toContain('\n')
    await page.getByRole('switch', { name: 'Highlight unlikely tokens' }).click({ force: true })
    await page.locator('.tk-plain').waitFor()
    expect(opened.complaints).toEqual([])
  })

  it('fold reasoning, show calls as they come and their results, and say when an answer has ended', async () => {
    await using opened = await onStage()
    const { page } = opened
    const reasoning = { type: 'reasoning', text: 'It is **deep**.' } as const
    const call = { type: 'tool_call', id: 'c1', name: 'depth_of', arguments: '{"place": "Mari' } as const
    await show(page, { state: 'streaming', parts: [reasoning] })
    await page.getByRole('button', { name: /^Thinking/ }).click()
    await page.getByText('deep', { exact: true }).waitFor()
    await show(page, { state: 'streaming', parts: [{ ...reasoning, millis: 3200 }, call] })
    await page.getByRole('button', { name: /Thought for 3.2 s/ }).click()
    await page.getByText('deep', { exact: true }).waitFor({ state: 'detached' })
    const shown = page.getByRole('region', { name: 'Tool call: depth_of' })
    await shown.getByText('streaming').waitFor()
    await shown.getByText('"place": "Mari').waitFor()
    expect(await page.getByRole('status').textContent()).toBe('')
    const whole = { ...call, arguments: '{"place":"Mariana"}' }
    const ended = { finishReason: 'tool_calls', parts: [{ ...reasoning, millis: 3200 }, whole] } as const
    await show(page, ended)
    await shown.getByText('waiting for result').waitFor()
    await shown.getByText('"Mariana"').waitFor()
    await page.getByText('Response complete.').waitFor({ state: 'attached' })
    const result = { type: 'tool_result', callId: 'c1', name: 'depth_of', text: '{"metres":10935}' } as const
    await show(page, ended, { ...answer, id: 't1', role: 'tool', parts: [result] })
    await shown.getByText('completed').waitFor()
    await shown.getByText('10935').waitFor()
    await show(page, { parts: [{ ...call, arguments: '{"place": oops' }] })
    await shown.getByText(/not valid JSON/).waitFor()
    expect(opened.complaints).toEqual([])
  })

  it('say where the time went and why an answer was cut; axe finds nothing serious in either theme, in Chinese and on a phone', async () => {
    for (const view of [{ theme: 'light' }, { theme: 'dark' }, { ...phone, locale: 'zh-CN' }] as const) {
      await using opened = await onStage(view)
      const { page } = opened
      await page.evaluate((messages) => stage.show(messages), everything())
      const isChinese = 'locale' in view
      await page.getByText(isChinese ? /回答被截断/ : /Response truncated/).waitFor()
      await page.getByRole('button', { name: /TTFT 137 ms/ }).click()
      await page.getByText(isChinese ? '排队' : 'Queue', { exact: true }).waitFor()
      await page
        .getByText(isChinese ? '128 个 token，完成于 80.9 ms' : '128 tokens, done at 80.9 ms')
        .waitFor()
      await page.getByText('137 ms', { exact: true }).waitFor()
      expect(await axe(page)).toEqual([])
      const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      expect(isWide).toBe(false)
      await shot(page, `messages-${isChinese ? 'phone' : view.theme}`)
      expect(opened.complaints).toEqual([])
    }
  })
})

async function expectText(locator: Locator, text: string): Promise<void> {
  await expect.poll(() => locator.textContent()).toBe(text)
}

/** Pieces of Markdown, HTML and addresses in every order: others at each run, told in full where one of them fails. */
function fuzzed(): string[] {
  const pieces =
    '[ ] ( ) ! < > ` ``` * _ ~~ | \\n # - : // \\ " \' & &#x3a; &colon; $ \u202e \u0000 x a.example @ ^'.split(
      ' ',
    )
  const words = [
    'javascript:',
    'data:text/html,',
    'https://',
    'mailto:',
    '<img src=x onerror=alert(1)>',
    '<a href="',
    ' ',
  ]
  const piece = fc.constantFrom(...pieces, ...words).map((each) => (each === '\\n' ? '\n' : each))
  return fc.sample(
    fc.array(piece, { maxLength: 24 }).map((all) => all.join('')),
    300,
  )
}

/** One message of each kind. */
function everything(): { message: Message; answers?: Message }[] {
  const sequence = {
    startMillis: 24.5,
    queueMillis: 12,
    prefillMillis: 105.3,
    decodeMillis: 218,
    firstTokenMillis: 137.1,
    promptTokens: 277,
    cachedTokens: 128,
    completionTokens: 61,
    chunks: [
      [80.9, 128],
      [121.2, 21],
    ] as const,
    steps: { count: 63, meanRunning: 2.4, mostRunning: 3 },
  }
  const text = `## The deepest place

The **Mariana Trench** is about 10,935 m deep; see [the survey](https://example.com/survey). In it, \`p = ρgh\` grows to
some 1,100 bar, so that $p_1 * h_2$ stays as it is.

- hadal zone: below 6,000 m
  - pressure: 600 bar and more
- [x] mapped
- [ ] visited often

| Trench | Depth (m) | Ocean |
|:---|---:|:---|
| Mariana | 10,935 | Pacific |
| Puerto Rico | 8,376 | Atlantic |

> Nobody had seen it before 1960.

\`\`\`ts
export const pressure = (metres: number): number => metres * 9.81 * 1025 // pascal, without the water becoming denser
\`\`\`
`
  const usage = {
    promptTokens: 277,
    cachedTokens: 128,
    completionTokens: 61,
    reasoningTokens: 24,
    acceptedDraftTokens: 0,
    rejectedDraftTokens: 0,
  }
  const question: Message = {
    ...answer,
    id: 'q',
    role: 'user',
    parts: [{ type: 'text', text: 'How deep is the sea?' }],
  }
  const reasoning = { type: 'reasoning', text: 'They want a number.', millis: 820 } as const
  const call = {
    type: 'tool_call',
    id: 'c1',
    name: 'depth_of',
    arguments: '{"place":"Mariana","unit":"m"}',
  } as const
  const result = { type: 'tool_result', callId: 'c1', name: 'depth_of', text: '{"metres":10935}' } as const
  const words = ['The', ' Challenger', ' Deep', ' is', ' the', ' deepest', ' point', ' known', '.']
  const tokens = words.map((word, at) =>
    tokenOf(word, [0.98, 0.08, 0.9, 0.7, 0.95, 0.25, 0.5, 0.55, 0.9][at]!),
  )
  const timeline = { id: 'req-1', at: 0, route: '/v1/chat/completions', millis: 372.4, sequences: [sequence] }
  return [
    { message: question },
    {
      message: { ...answer, id: 'call', finishReason: 'tool_calls', parts: [reasoning, call] },
      answers: { ...answer, id: 'tool', role: 'tool', parts: [result] },
    },
    {
      message: {
        ...answer,
        id: 'whole',
        finishReason: 'length',
        parts: [{ type: 'text', text }],
        usage,
        timeline,
        model: 'nano-q8_0',
      },
    },
    { message: { ...answer, id: 'tokens', parts: [{ type: 'text', text: words.join(''), tokens }] } },
    {
      message: {
        ...answer,
        id: 'json',
        expects: { kind: 'json' },
        parts: [
          { type: 'text', text: '{"trench":"Mariana","depths":[10935,10911],"isKnown":true,"note":null}' },
        ],
      },
    },
  ]
}

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
