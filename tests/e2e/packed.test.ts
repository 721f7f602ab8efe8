/** The tarballs as somebody gets them: installed in an empty folder, with neither this repository nor libtorch within reach. */

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runsSlowTests } from '../../packages/kernel/base/test/slow-tests.ts'
import { packAll } from '../../scripts/pack.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'hadal-packed-'))
const app = join(folder, 'app')
const hadal = join(app, 'node_modules/.bin/hadal')
/** No setting of the machine that runs the tests. */
const env = { PATH: process.env.PATH, HOME: folder, npm_config_cache: process.env.npm_config_cache }
let names: string[]

mkdirSync(app)

beforeAll(async () => {
  const packed = packAll(join(folder, 'tarballs'))
  names = packed.map(({ name }) => name)
  const dependencies = Object.fromEntries(packed.map(({ name, file }) => [name, `file:${file}`]))
  writeApp('package.json', JSON.stringify({ name: 'app', private: true, type: 'module', dependencies }))
  const cache = (await run('npm', ['config', 'get', 'cache'])).stdout.trim()
  // A registry that is not there is told soon, and what installs never outlives the test.
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries', '1']
  await run('npm', ['install', ...flags], {
    cwd: app,
    env: { ...env, npm_config_cache: cache },
    timeout: 800_000,
  })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('packages from their tarballs', () => {
  it('serve the bundled model with one command', async () => {
    const server = spawn(hadal, ['serve', '--port', '0'], {
      cwd: app,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const address = await addressIn(server.stdout)
      const answer = await fetch(`${address}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'nano', messages: [{ role: 'user', content: 'What is a kettle?' }] }),
      })
      expect(await answer.json()).toMatchObject({
        choices: [{ message: { content: expect.stringContaining('kettle') } }],
      })
      const page = await fetch(new URL('/', address))
      expect(await page.text()).toContain('<div id="root">')
    } finally {
      server.kill('SIGTERM')
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
    }
  })

  it('say how to get libtorch, which training needs', async () => {
    writeApp('train.js', "import { setNumThreads } from '@hadal/tensor'\nsetNumThreads(1)\n")
    const said = await run(hadal, ['train', 'train.js'], { cwd: app, env }).then(
      () => ({ code: 0, stderr: '' }),
      (failed: { code: number; stderr: string }) => failed,
    )
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining('error[tensor_addon_not_built]') })
    expect(said.stderr).toContain('apt-get install libtorch-dev')
    // The file that it names is there.
    const builder = /node (node_modules\S+build-native\.mjs)/.exec(said.stderr)?.[1]
    expect(existsSync(join(app, builder ?? 'nothing'))).toBe(true)
  })

  // node16 checks the declarations themselves, too.
  const resolutions = runsSlowTests ? ['node16', 'bundler'] : ['node16']
  it.each(resolutions)('have types that resolve as %s does', async (moduleResolution) => {
    const lines = names.map((name, i) => `import * as m${i} from '${name}'\nvoid m${i}`)
    writeApp(
      'all.ts',
      `${lines.join('\n')}\nimport { defineService } from 'hadal'\nexport default defineService({ model: 'nano' })\n`,
    )
    const compilerOptions = {
      module: moduleResolution === 'bundler' ? 'esnext' : 'node16',
      moduleResolution,
      target: 'es2023',
      strict: true,
      noEmit: true,
      // Once is enough for what the declarations say themselves.
      skipLibCheck: moduleResolution === 'bundler',
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    }
    writeApp(`${moduleResolution}.json`, JSON.stringify({ compilerOptions, files: ['all.ts'] }))
    const said = await run(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', `${moduleResolution}.json`],
      {
        cwd: app,
      },
    ).then(
      ({ stdout }) => stdout,
      ({ stdout }: { stdout: string }) => stdout,
    )
    expect(said).toBe('')
  })

  it('carry the licence', () => {
    for (const name of names)
      expect(readFileSync(join(app, 'node_modules', name, 'LICENSE'), 'utf8')).toContain('Apache License')
  })
})

function writeApp(name: string, text: string): void {
  writeFileSync(join(app, name), text)
}

/** What the banner calls the address. */
function addressIn(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    stream.on('data', (chunk: Buffer) => {
      said += chunk
      const found = /^address\s+(\S+)/m.exec(said)?.[1]
      if (found) resolve(found)
    })
    stream.on('end', () => reject(new Error(`no address in: ${said}`)))
  })
}
