import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { FakeEngineOptions } from '@hadal/engine'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe, noBrowser, openBrowser, phone, type RunningServer, startServer, visit } from './harness.ts'

/** Qwen's form, in short: it may reason, and writes calls that the server reads. */
const chatTemplate = `{%- if tools %}<|im_start|>system
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}<|im_end|>
{% endif %}{%- for message in messages %}<|im_start|>{{ message.role }}
{% if message.reasoning_content %}<think>
{{ message.reasoning_content }}
</think>

{% endif %}{{ message.content }}{% for call in message.tool_calls or [] %}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>{% endfor %}<|im_end|>
{% endfor %}{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}`

/** This machine may be busy: what comes is waited for. */
const poll = <T>(look: () => T | Promise<T>): ReturnType<typeof expect.poll<T>> => expect.poll(look)

let answers = 0
/** Says what the last message asks it to say. */
function reply(prompt: string): string {
  const [role, said = ''] =
    prompt
      .split('<|im_start|>')
      .at(-2)
      ?.replace('<|im_end|>\n', '')
      .split(/\n([\s\S]*)/) ?? []
  if (role === 'tool') return `The tool said ${said}`
  if (said.startsWith('call'))
    return '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</tool_call>'
  if (said.startsWith('think')) return '<think>\nLet me see.\n</think>\n\nFour.'
  if (said.startsWith('long')) return 'word '.repeat(5000)
  if (said.startsWith('json')) return said.slice(5)
  answers += 1
  return `You said ${said}, ${answers}.`
}
const engine: FakeEngineOptions = {
  reply: (_, prompt) => reply(prompt),
  model: { chatTemplate, eosToken: '<|im_end|>', controlTokens: ['<|im_start|>', '<|im_end|>'] },
}

const field = (page: Page) => page.getByRole('textbox', { name: /^(Message|消息)$/ })
const question = (page: Page, text: string) => page.locator('.pg-user').filter({ hasText: text })
const ask = async (page: Page, text: string): Promise<void> => {
  await field(page).fill(text)
  await field(page).press('Enter')
}
const last = (page: Page) => page.locator('.pg-assistant').last()
const saidLast = async (page: Page): Promise<string> =>
  (await last(page)
    .getByText(/You said/)
    .textContent()) ?? ''
/** All conversations as the browser keeps them, as JSON. */
const kept = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('hadal.playground')
      request.onsuccess = () => resolve(request.result)
    })
    const all = await new Promise<string>((resolve) => {
      const request = database.transaction('conversations').objectStore('conversations').getAll()
      request.onsuccess = () => resolve(JSON.stringify(request.result))
    })
    database.close()
    return all
  })
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click()

describe.skipIf(noBrowser)('the playground', () => {
  let browser: Browser
  let served: RunningServer
  beforeAll(async () => {
    browser = await openBrowser()
    served = await startServer(engine)
  })
  afterAll(async () => {
    await browser?.close()
    await served?.[Symbol.asyncDispose]()
  })

  it('answers, keeps versions, and branches where a question is edited', async () => {
    await using opened = await visit(browser, served.url)
    const { page } = opened
    await ask(page, 'one')
    await last(page)
      .getByText(/You said one, \d+\./)
      .waitFor()
    const first = await saidLast(page)
    await press(page, 'Regenerate')
    await page.getByText('2 / 2').waitFor()
    await last(page)
      .getByText(/You said one/)
      .waitFor()
    expect(await saidLast(page)).not.toBe(first)
    await press(page, 'Previous version')
    await page.getByText('1 / 2').waitFor()
    expect(await saidLast(page)).toBe(first)
    await field(page).press('ArrowUp')
    const editor = page.getByRole('textbox', { name: 'Edit message' })
    await editor.fill('two')
    await editor.press('Enter')
    await last(page)
      .getByText(/You said two/)
      .waitFor()
    await question(page, 'two').hover()
    await question(page, 'two').getByRole('button', { name: 'Previous version' }).click()
    await last(page).getByText(first).waitFor()
    expect(opened.complaints).toEqual([])
  })

  it('keeps what came of an answer that is stopped, deleted meanwhile, or reloaded over', async () => {
    await using slow = await startServer({ ...engine, tokenMillis: 5 })
    await using opened = await visit(browser, slow.url)
    const { page } = opened
    let count = 0
    const begun = async (): Promise<void> => {
      await ask(page, 'long')
      await page
        .locator('.pg-assistant')
        .nth(count++)
        .getByText(/word word/)
        .waitFor()
    }
    const isKept = async (): Promise<void> => {
      await last(page).getByText('Stopped.').first().waitFor()
      await last(page)
        .getByText(/word word/)
        .waitFor()
      await page.getByRole('button', { name: 'Send' }).waitFor()
    }
    await begun()
    await page.keyboard.press('Escape')
    await isKept()
    await field(page).fill('not sent yet')
    await page.getByRole('link', { name: 'Live' }).first().click()
    await page.goBack()
    await poll(() => field(page).inputValue()).toBe('not sent yet')
    await begun()
    await press(page, 'More: long')
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await press(page, 'Undo')
    await page.getByRole('link', { name: /^long/ }).click()
    await isKept()
    await begun()
    // What came is written twice in a second.
    await poll(async () => (await kept(page)).match(/"word word/g)?.length).toBe(3)
    await page.reload()
    await isKept()
    expect(await page.locator('.pg-user').count()).toBe(3)
    // A question is written at once: whoever sends it and reloads has it.
    await ask(page, 'said and gone')
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)))
    await page.reload()
    await question(page, 'said and gone').waitFor()
    expect(opened.complaints).toEqual([])
  })

  it('keeps conversations: over a reload, found, renamed, deleted and brought back, in and out as a file', async () => {
    await using opened = await visit(browser, served.url)
    const { page } = opened
    const list = page.getByRole('list', { name: 'Conversations' })
    await ask(page, 'apples')
    await last(page)
      .getByText(/You said apples/)
      .waitFor()
    await press(page, 'New conversation')
    await ask(page, 'pears')
    await last(page)
      .getByText(/You said pears/)
      .waitFor()
    await list.getByRole('link', { name: /pears/ }).waitFor()
    await poll(async () => (await kept(page)).match(/"state":"done"/g)?.length).toBe(4)
    await page.reload()
    await last(page)
      .getByText(/You said pears/)
      .waitFor()
    await page.getByRole('searchbox').fill('said apples')
    await list.getByRole('link', { name: /pears/ }).waitFor({ state: 'detached' })
    await list.getByRole('link', { name: /apples/ }).click()
    await last(page)
      .getByText(/You said apples/)
      .waitFor()
    await page.getByRole('searchbox').fill('')
    await press(page, 'More: apples')
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Fruit')
    await press(page, 'Save')
    await list.getByRole('link', { name: /Fruit/ }).waitFor()
    await press(page, 'More: Fruit')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Export' }).click(),
    ])
    const path = (await download.path())!
    expect(JSON.parse(readFileSync(path, 'utf8')).conversations[0].title).toBe('Fruit')
    await press(page, 'More: Fruit')
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await list.getByRole('link', { name: /Fruit/ }).waitFor({ state: 'detached' })
    await press(page, 'Undo')
    await list.getByRole('link', { name: /Fruit/ }).waitFor()
    await page.locator('input[type=file]').setInputFiles({
      name: 'one.json',
      mimeType: 'application/json',
      buffer: readFileSync(path),
    })
    await poll(() => list.getByRole('link', { name: /Fruit/ }).count()).toBe(2)
    const hostile = {
      title: '<img src=x onerror=alert(1)>',
      updatedAt: 1e300,
      columns: [
        {
          id: 'c',
          messages: { a: { id: 'a', parent: 'a', role: 'user', parts: [] } },
          chosen: { '': 'a', a: 'a' },
        },
      ],
    }
    await page.locator('input[type=file]').setInputFiles({
      name: 'hostile.json',
      mimeType: 'application/json',
      buffer: Buffer.from(
        JSON.stringify({ format: 'hadal.conversations', version: 1, conversations: [hostile] }),
      ),
    })
    await list.getByRole('link', { name: /onerror/ }).waitFor()
    await page.reload()
    await list.getByRole('link', { name: /onerror/ }).waitFor()
    expect(opened.complaints).toEqual([])
  })

  it('shows in one tab what is said in another', async () => {
    await using opened = await visit(browser, served.url)
    const { page, context } = opened
    await ask(page, 'shared')
    await last(page)
      .getByText(/You said shared/)
      .waitFor()
    const other = await context.newPage()
    await other.goto(page.url())
    await last(other)
      .getByText(/You said shared/)
      .waitFor()
    await ask(other, 'from the other')
    await last(page)
      .getByText(/You said from the other/)
      .waitFor()
    await ask(page, 'and back')
    await last(other)
      .getByText(/You said and back/)
      .waitFor()
  })

  it('goes on where the browser keeps nothing, and where the page came from another machine by plain HTTP', async () => {
    await using opened = await visit(browser, 'about:blank')
    const { page } = opened
    await opened.context.unroute('**/*')
    await opened.context.addInitScript(() => {
      Object.defineProperty(indexedDB, 'open', {
        value: () => {
          throw new DOMException('no', 'SecurityError')
        },
      })
      // What browsers have on HTTPS and on this machine alone.
      Reflect.deleteProperty(Crypto.prototype, 'randomUUID')
      Object.defineProperty(navigator, 'clipboard', { value: undefined })
    })
    await page.goto(served.url)
    await page.getByText(/Browser storage is unavailable/).waitFor()
    await ask(page, 'anyway')
    await last(page)
      .getByText(/You said anyway/)
      .waitFor()
    await page.getByRole('link', { name: /anyway/ }).waitFor()
    await last(page).getByRole('button', { name: 'Copy', exact: true }).click()
    await page.getByText('Copied', { exact: true }).waitFor()
    await field(page).press('Control+v')
    expect(await field(page).inputValue()).toMatch(/^You said anyway/)
  })

  it('lets a person answer what the model calls', async () => {
    await using opened = await visit(browser, served.url)
    const { page } = opened
    await press(page, 'Settings')
    await page.getByText('Tools', { exact: true }).click()
    await page.getByRole('switch', { name: 'Send tools' }).click()
    await page.keyboard.press('Escape')
    await ask(page, 'call')
    await page.getByRole('textbox', { name: 'Result of get_weather' }).fill('4 degrees')
    await press(page, 'Submit results')
    await last(page).getByText('The tool said 4 degrees').waitFor()
    expect(opened.complaints).toEqual([])
  })

  it('holds an answer to a schema made in a form, and says whether it keeps it', async () => {
    await using opened = await visit(browser, served.url)
    const { page } = opened
    await press(page, 'Settings')
    await page.getByText('Output format', { exact: true }).click()
    await page.getByRole('combobox', { name: 'response_format' }).selectOption('JSON Schema')
    await press(page, 'Add field')
    await page.getByRole('textbox', { name: 'Field' }).fill('city')
    await press(page, 'Validate on server')
    await page.getByText('The server supports this format.').waitFor()
    await page.keyboard.press('Escape')
    await ask(page, 'json {"city":"Oslo"}')
    await last(page).getByText('Valid: matches the schema').waitFor()
    const { request } = served.engine.seen.at(-1)!
    expect(request.grammar?.gbnf).toContain('city')
  })

  it('sends every knob that was turned, and says which is out of its range', async () => {
    await using opened = await visit(browser, served.url)
    const { page } = opened
    await press(page, 'Settings')
    const dialog = page.getByRole('dialog', { name: 'Settings' })
    await dialog.getByRole('spinbutton', { name: 'Temperature (temperature)' }).fill('0.3')
    await dialog.getByRole('spinbutton', { name: 'Top K (top_k)' }).fill('7')
    await dialog.getByRole('textbox', { name: 'System prompt' }).fill('Be brief.')
    await dialog.getByRole('spinbutton', { name: 'Seed' }).fill('-5')
    await page.keyboard.press('Escape')
    await ask(page, 'knobs')
    await page.getByText('seed is out of range.').waitFor()
    await press(page, 'Settings')
    await dialog.getByRole('spinbutton', { name: 'Seed' }).fill('11')
    await page.keyboard.press('Escape')
    await field(page).press('Enter')
    await last(page)
      .getByText(/You said knobs/)
      .waitFor()
    const { request, prompt } = served.engine.seen.at(-1)!
    expect(request.sampling).toMatchObject({ temperature: 0.3, topK: 7, seed: 11 })
    expect(prompt).toContain('Be brief.')
    await press(page, 'Settings')
    await dialog.getByText('Length', { exact: true }).click()
    await dialog.getByRole('spinbutton', { name: 'Completions (n)' }).fill('2')
    await page.keyboard.press('Escape')
    await ask(page, 'twice')
    await last(page).getByText('2 / 2').waitFor()
    await last(page)
      .getByText(/You said twice/)
      .waitFor()
    await last(page).getByRole('button', { name: 'Previous version' }).click()
    await last(page).getByText('1 / 2').waitFor()
    await last(page)
      .getByText(/You said twice/)
      .waitFor()
  })

  it('asks two columns the same, each with its settings, in tabs on a phone', async () => {
    await using opened = await visit(browser, served.url)
    const { page } = opened
    await press(page, 'Compare models or settings side by side')
    await press(page, 'Settings: Column 2')
    await page.getByRole('spinbutton', { name: 'Temperature (temperature)' }).fill('1.5')
    await page.keyboard.press('Escape')
    await ask(page, 'both')
    const columns = page.locator('.pg-column')
    for (const index of [0, 1])
      await columns
        .nth(index)
        .getByText(/You said both/)
        .waitFor()
    expect(served.engine.seen.slice(-2).map(({ request }) => request.sampling?.temperature)).toContain(1.5)
    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole('tab').nth(1).waitFor()
    expect(await columns.count()).toBe(1)
  })

  it('copies what it sends as code that runs', async () => {
    await using opened = await visit(browser, served.url)
    const { page } = opened
    await ask(page, `it's "awkward" $HOME`)
    await last(page)
      .getByText(/You said it's/)
      .waitFor()
    await press(page, 'View code')
    const code = async (language: string): Promise<string> => {
      await page.getByRole('tab', { name: language }).click()
      return (await page.getByRole('dialog').locator('pre').textContent()) ?? ''
    }
    const env = { ...process.env, HADAL_API_KEY: 'any' }
    const [shell, typescript] = [await code('curl'), await code('TypeScript')]
    const run = async (command: string, args: readonly string[]): Promise<string> => {
      const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', (piece) => {
        said += piece
      })
      await new Promise((resolve) => child.once('close', resolve))
      return said
    }
    expect(JSON.parse(await run('sh', ['-c', shell])).choices[0].message.content).toMatch(
      /You said it's "awkward" \$HOME/,
    )
    const file = join(import.meta.dirname, `copied-${process.pid}.ts`)
    writeFileSync(file, typescript)
    try {
      const loader = ['--import', import.meta.resolve('tsx'), file]
      expect(await run(process.execPath, loader)).toContain(`You said it's "awkward" $HOME`)
    } finally {
      rmSync(file)
    }
  })

  it.each([
    ['light', phone],
    ['dark', { width: 1440 }],
  ] as const)('has nothing serious for axe, in %s %o', async (theme, view) => {
    await using opened = await visit(browser, served.url, { ...view, theme })
    const { page } = opened
    await ask(page, 'think')
    await last(page).getByText('Four.').waitFor()
    expect(await axe(page)).toEqual([])
    await press(page, 'Settings')
    await page.getByRole('textbox', { name: 'System prompt' }).waitFor()
    expect(await axe(page)).toEqual([])
    const isWider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    expect(isWider).toBe(false)
  })

  it('speaks Chinese', async () => {
    await using opened = await visit(browser, served.url, { locale: 'zh-CN' })
    const { page } = opened
    await page.getByText('有什么可以帮你？').waitFor()
    await ask(page, '你好')
    await last(page)
      .getByText(/You said 你好/)
      .waitFor()
    await page.getByRole('button', { name: '重新回答' }).waitFor()
  })

  it('says that it is too much, and when to ask again', async () => {
    await using busy = await startServer({ ...engine, maxBatchSize: 1, maxQueue: 0, tokenMillis: 20 })
    await using opened = await visit(browser, busy.url)
    const { page } = opened
    await press(page, 'Compare models or settings side by side')
    await ask(page, 'long')
    await page.getByText(/Retry in \d+ s\./).waitFor()
    await page.locator('.notice code').getByText('queue_full').waitFor()
    await page.getByText(/word word/).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Send' }).waitFor()
    const refused = page.locator('.notice').getByRole('button', { name: 'Regenerate' })
    // The answer that was stopped may hold its place a moment longer.
    await poll(async () => {
      if ((await refused.count()) > 0) await refused.click()
      return page.locator('.pg-column').filter({ hasText: 'word word' }).count()
    }).toBe(2)
    await page.keyboard.press('Escape')
  })

  it('asks for a key where one is wanted, and goes on with it', async () => {
    const key = ['the', 'right', 'key'].join('-')
    await using closed = await startServer(engine, { apiKeys: [key] })
    await using opened = await visit(browser, closed.url)
    const { page } = opened
    await ask(page, 'hello')
    await last(page).locator('.notice code').waitFor()
    await press(page, 'Enter a key')
    await page.getByRole('textbox', { name: 'API key' }).fill('wrong')
    await press(page, 'Use key')
    await page.getByText('Invalid key.').first().waitFor()
    await page.getByRole('textbox', { name: 'API key' }).fill(key)
    await press(page, 'Use key')
    await page
      .getByRole('dialog')
      .waitFor({ state: 'detached' })
      .catch(() => undefined)
    await last(page).getByRole('button', { name: 'Regenerate' }).first().click()
    await last(page)
      .getByText(/You said hello/)
      .waitFor()
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain(key)
  })

  it('keeps what came when the server goes away or its engine crashes, and goes on when it is back', async () => {
    await using slow = await startServer({ ...engine, tokenMillis: 5, restartMillis: 300 })
    await using way = await openWay(slow.url)
    await using opened = await visit(browser, way.url)
    const { page } = opened
    await ask(page, 'long')
    await last(page)
      .getByText(/word word/)
      .waitFor()
    await way.cut()
    await last(page).getByText('stream_cut').waitFor()
    expect(await last(page).textContent()).toContain('word word')
    await ask(page, 'is anybody there')
    await last(page).getByText('unreachable', { exact: true }).waitFor()
    await page.getByText(/The server is unreachable\. The page keeps its content/).waitFor()
    await way.open()
    await page.getByText('The server is reachable again.').waitFor()
    await last(page).getByRole('button', { name: 'Regenerate' }).last().click()
    await last(page)
      .getByText(/You said is anybody there/)
      .waitFor()
    await ask(page, 'long')
    await last(page)
      .getByText(/word word/)
      .waitFor()
    slow.engine.crash()
    await last(page).locator('.notice code').waitFor()
    expect(await last(page).textContent()).toContain('word word')
    await poll(async () => {
      // A response that streams has no such button: clicking would wait for its end.
      const regenerate = last(page).getByRole('button', { name: 'Regenerate' }).last()
      if (await regenerate.isVisible()) await regenerate.click()
      // Errors while the server is not ready are shown as a notice; then the next try follows.
      await last(page)
        .getByText(/word word/)
        .or(last(page).locator('.notice'))
        .first()
        .waitFor()
      return await last(page).locator('.notice').count()
    }).toBe(0)
    await page.keyboard.press('Escape')
  })
})

/** A way to a server that can be cut, as a network or a crash would, and opened again at the same address. */
async function openWay(
  url: string,
): Promise<{ url: string; cut(): Promise<void>; open(): Promise<void> } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    const behind = connect(Number(new URL(url).port), '127.0.0.1')
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy()).on('close', () => void sockets.delete(one))
      one.pipe(other)
    }
  })
  let port = 0
  const open = async (): Promise<void> => {
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  }
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await open()
  return { url: `http://127.0.0.1:${port}`, cut, open, [Symbol.asyncDispose]: cut }
}
