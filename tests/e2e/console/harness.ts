/**
 * The console as people meet it: a real Chromium on a page of a real server. `startHadal` is `hadal serve` as a process,
 * with nano unless told otherwise; `startServer` a server in this process on a fake engine that says what a test wants.
 * Built from the sources as they are. Knows nothing of any page.
 */

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { consoleFolder } from '@hadal/console'
import { createFakeEngine, type FakeEngine, type FakeEngineOptions } from '@hadal/engine'
import { createServer, type HadalServer, type ServerOptions } from '@hadal/server'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { hadalBin, hasLlama, root } from '../../../packages/apps/cli/test/hadal-process.ts'

const executablePath = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync)

/** For `describe.skipIf`: there is no browser on this machine. */
export const noBrowser: boolean = executablePath === undefined

/** A wait in the browser that takes so long has failed, however busy the machine is. */
const patienceMillis = 300_000

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: ['--no-sandbox', '--disable-background-networking', '--disable-dev-shm-usage'],
    timeout: patienceMillis,
  })
}

let isBuilt = false

/** Once in a process, and only what changed. */
export function buildConsole(): void {
  if (isBuilt) return
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build-console.mjs'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the console does not build: ${stderr}`)
  isBuilt = true
}

export interface View {
  readonly width?: number
  readonly height?: number
  readonly theme?: 'light' | 'dark'
  readonly locale?: 'en' | 'zh-CN'
  readonly reducedMotion?: boolean
  /** As if somebody had typed it in this tab before. */
  readonly adminKey?: string | undefined
}

export const phone: View = { width: 390, height: 844 }

export interface OpenPage extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  /** What the page complained of since it was opened: errors it did not catch, breaches of its policy, messages of level `error`. */
  readonly complaints: readonly string[]
}

/** A fresh visitor, without conversations and with no key but the one that is given, at `url` (with its hash). Everything that is not `url`'s own is refused and told in `complaints`. */
export async function visit(browser: Browser, url: string, view: View = {}): Promise<OpenPage> {
  const { width = 1280, height = 900, theme = 'light', locale = 'en', reducedMotion = true } = view
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale,
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  context.setDefaultTimeout(patienceMillis)
  if (view.adminKey !== undefined)
    await context.addInitScript((adminKey) => {
      const place = 'hadal.keys'
      if (sessionStorage.getItem(place) === null)
        sessionStorage.setItem(place, JSON.stringify({ apiKey: '', adminKey }))
    }, view.adminKey)
  const page = await context.newPage()
  const complaints: string[] = []
  const { origin } = new URL(url)
  await context.route('**/*', (route) => {
    const requested = route.request().url()
    if (requested.startsWith(origin) || /^(data|blob):/.test(requested)) return route.continue()
    complaints.push(`asked for ${requested}`)
    return route.abort()
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    // The browser's own words for answers that the page itself shows.
    const isAnswer = /^Failed to load resource/.test(message.text())
    if (message.type() === 'error' && !isAnswer) complaints.push(message.text())
  })
  await page.goto(url)
  return { page, context, complaints, [Symbol.asyncDispose]: () => context.close() }
}

export interface AxeFinding {
  readonly id: string
  readonly impact: string
  readonly help: string
  readonly nodes: readonly string[]
}

/** What axe-core calls serious or critical in the page as it is: https://github.com/dequelabs/axe-core. */
export async function axe(page: Page): Promise<AxeFinding[]> {
  const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
  // Not through a script element, which the page's policy forbids.
  await page.evaluate(readFileSync(path, 'utf8'))
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(where: Document): Promise<{ violations: readonly AxeViolation[] }> }
    }
    interface AxeViolation {
      readonly id: string
      readonly impact: string
      readonly help: string
      readonly nodes: readonly { readonly html: string }[]
    }
    const { violations } = await axe.run(document)
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, impact, help, nodes }) => ({ id, impact, help, nodes: nodes.map(({ html }) => html) }))
  })
}

/** Where `HADAL_SHOTS` names a folder: what the page looks like. */
export async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env.HADAL_SHOTS
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}

export interface RunningHadal extends AsyncDisposable {
  readonly url: string
  /** The folder it runs in, with its config: removed in the end. */
  readonly folder: string
  /** All that it printed so far. */
  said(): string
  /** SIGKILL, as a crash would: the address is free then. */
  kill(): Promise<void>
  /** The same command at the same address. */
  start(): Promise<void>
  /** The processes of its engines die as by a native crash; they are started again by the server. */
  crashEngine(): void
}

export interface HadalOptions {
  /** After `hadal serve`; the model is nano where none is named. */
  readonly args?: readonly string[]
  /** The text of hadal.config.ts. */
  readonly config?: string
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

export async function startHadal(options: HadalOptions = {}): Promise<RunningHadal> {
  const { args = [], config, files = {}, env = {} } = options
  buildConsole()
  const folder = mkdtempSync(join(tmpdir(), 'hadal-console-'))
  const all = { ...files, ...(config !== undefined && { 'hadal.config.ts': config }) }
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const model =
    args.includes('--model') || config?.includes('model')
      ? []
      : ['--model', join(root, 'models/nano/nano-q8_0.gguf')]
  let said = ''
  let port = '0'
  let url = ''
  let child: ReturnType<typeof spawn> | undefined
  const start = async (): Promise<void> => {
    said = ''
    const started = spawn(
      process.execPath,
      [hadalBin, 'serve', '--port', port, '--threads', '1', ...model, ...args],
      {
        cwd: folder,
        env: { ...process.env, NO_COLOR: '1', HADAL_SHOTS: undefined, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    child = started
    url = await new Promise<string>((resolve, reject) => {
      for (const stream of [started.stdout, started.stderr])
        stream.on('data', (text: Buffer) => {
          said += text
          const found = /(https?:\/\/127\.0\.0\.1:\d+)\/v1\b/.exec(said)
          if (found !== null) resolve(found[1]!)
        })
      started.once('exit', () => reject(new Error(`hadal serve ended: ${said}`)))
    })
    port = new URL(url).port
  }
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child?.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }
  await start()
  return {
    get url() {
      return url
    },
    folder,
    said: () => said,
    kill,
    start,
    crashEngine() {
      const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(child?.pid)], { encoding: 'utf8' })
      for (const pid of stdout.split('\n').map(Number))
        if (pid > 0 && hasLlama(pid)) process.kill(pid, 'SIGKILL')
    },
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child?.once('exit', resolve))
      if (child !== undefined && child.exitCode === null && child.signalCode === null) {
        child.kill('SIGINT')
        child.kill('SIGINT')
        const killing = setTimeout(() => child?.kill('SIGKILL'), 5_000)
        await gone
        clearTimeout(killing)
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface RunningServer extends AsyncDisposable {
  readonly url: string
  readonly server: HadalServer
  readonly engine: FakeEngine
}

/** In this process: quick to start, and its engine says what it is told. */
export async function startServer(
  engineOptions: FakeEngineOptions = {},
  options: Omit<ServerOptions, 'engines' | 'consoleFolder'> = {},
): Promise<RunningServer> {
  buildConsole()
  const engine = createFakeEngine({
    contextLength: 32_768,
    ...engineOptions,
    model: { id: 'fake', ...engineOptions.model },
  })
  const server = createServer({ engines: [engine], consoleFolder, ...options })
  const { url } = await server.listen()
  return {
    url,
    server,
    engine,
    async [Symbol.asyncDispose]() {
      await server.close()
      await engine[Symbol.asyncDispose]()
    },
  }
}
