/** How `hadal serve` starts, refuses to start, and ends. */

import { copyFileSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { HadalProcess, root, serve } from '../../packages/apps/cli/test/hadal-process.ts'

const onLinux = it.runIf(process.platform === 'linux')

const folder = mkdtempSync(join(tmpdir(), 'hadal-e2e-'))
afterAll(() => rmSync(folder, { recursive: true }))

const nano = join(
  root,
  'models/nano',
  readdirSync(join(root, 'models/nano')).find((name) => name.endsWith('.gguf'))!,
)

describe('hadal serve refuses', () => {
  it('a truncated model', async () => {
    const path = join(folder, 'short.gguf')
    copyFileSync(nano, path)
    truncateSync(path, 100_000)
    await using hadal = new HadalProcess(['serve', '--port', '0', '--model', path])
    const { code, output } = await hadal.ended()
    expect(code).toBe(1)
    expect(output).toMatch(/error\[[a-z_]+\]: .*short\.gguf/)
    expect(output).toContain('help: ')
  })

  it('a file that is no model', async () => {
    const path = join(folder, 'noise.gguf')
    writeFileSync(path, 'not a model')
    await using hadal = new HadalProcess(['serve', '--port', '0', '--model', path])
    const { code, output } = await hadal.ended()
    expect(code).toBe(1)
    expect(output).toMatch(/error\[[a-z_]+\]: .*noise\.gguf/)
  })

  it('a port in use', async () => {
    const { hadal: first, url } = await serve()
    await using _ = first
    await using second = new HadalProcess(['serve', '--port', new URL(url).port])
    const { code, output } = await second.ended()
    expect(code).toBe(1)
    expect(output).toContain('error[port_in_use]')
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  it('an option it does not know, and suggests the one that was meant', async () => {
    await using hadal = new HadalProcess(['serve', '--prot', '0'])
    const { code, output } = await hadal.ended()
    expect(code).toBe(2)
    expect(output).toContain('--port')
  })
})

onLinux(
  'SIGTERM lets a running stream finish, then the process ends with 0 and leaves no engine behind',
  async () => {
    const { hadal, url } = await serve()
    await using _ = hadal
    const enginePid = hadal.enginePid()
    const response = await fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'nano', prompt: 'Once', max_tokens: 200, temperature: 0, stream: true }),
    })
    const reader = response.body!.getReader()
    const first = await reader.read()
    hadal.child.kill('SIGTERM')
    let text = new TextDecoder().decode(first.value)
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read())
      text += new TextDecoder().decode(chunk.value)
    expect(text).toContain('"finish_reason":"')
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true)
    expect((await hadal.ended()).code).toBe(0)
    expect(() => process.kill(enginePid, 0)).toThrow('ESRCH')
  },
)

onLinux('an engine never outlives a server that was killed', async () => {
  const { hadal } = await serve()
  const enginePid = hadal.enginePid()
  await hadal[Symbol.asyncDispose]()
  await expect
    .poll(() => {
      try {
        return process.kill(enginePid, 0)
      } catch {
        return false
      }
    })
    .toBe(false)
})
