import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfigIsolated } from './load-isolated.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-isolated-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const write = (name: string, content: string): void => {
  mkdirSync(join(folder, name, '..'), { recursive: true })
  writeFileSync(join(folder, name), content)
}

describe('a config file in a thread of its own', () => {
  it('is loaded with what it imports, and with what has changed in that since', async () => {
    write('parts/port.ts', 'export const port: number = 9000')
    write(
      'hadal.config.ts',
      `import { defineService } from 'hadal'\nimport { port } from './parts/port.ts'\nexport default defineService({ port })`,
    )
    const files: string[] = []
    const first = await loadConfigIsolated(folder, undefined, { onFiles: (read) => files.push(...read) })
    expect(first).toEqual({ path: 'hadal.config.ts', values: { port: 9000 } })
    expect(files).toEqual([join(folder, 'hadal.config.ts'), join(folder, 'parts/port.ts')])
    write('parts/port.ts', 'export const port: number = 9001')
    expect((await loadConfigIsolated(folder))?.values).toEqual({ port: 9001 })
  })

  it('may be a module that Node loads itself', async () => {
    write('port.mjs', 'export const port = 1')
    write('hadal.config.mjs', `import { port } from './port.mjs'\nexport default { port }`)
    const files: string[] = []
    const load = () => loadConfigIsolated(folder, undefined, { onFiles: (read) => files.push(...read) })
    expect((await load())?.values).toEqual({ port: 1 })
    expect(files).toEqual([join(folder, 'hadal.config.mjs'), join(folder, 'port.mjs')])
    write('port.mjs', 'export const port = 2')
    expect((await load())?.values).toEqual({ port: 2 })
  })

  it('may be JSON, or not there', async () => {
    expect(await loadConfigIsolated(folder)).toBeUndefined()
    write('hadal.config.json', '{ "port": 9000 }')
    expect(await loadConfigIsolated(folder)).toEqual({
      path: 'hadal.config.json',
      values: { port: 9000 },
    })
  })

  it('that is named has to be there', async () => {
    await expect(loadConfigIsolated(folder, 'gone.json')).rejects.toMatchObject({
      code: 'config_file_not_found',
    })
  })

  it('has to be a regular file, and not a large one', async () => {
    write('hadal.config.json', `{}${' '.repeat(1024 ** 2)}`)
    await expect(loadConfigIsolated(folder)).rejects.toMatchObject({
      code: 'config_file_failed',
      message: expect.stringContaining('the limit is 1048576'),
    })
    await expect(loadConfigIsolated(folder, '.')).rejects.toThrow('not a regular file')
    if (process.platform === 'win32') return
    await expect(loadConfigIsolated(folder, '/dev/zero')).rejects.toThrow('not a regular file')
    execFileSync('mkfifo', [join(folder, 'pipe.json')])
    await expect(loadConfigIsolated(folder, 'pipe.json')).rejects.toThrow('not a regular file')
  })

  it.each([
    ['throws', 'throw new Error("broken inside")', 'broken inside'],
    ['throws no error', 'throw 7', '7'],
    ['ends the process', 'process.exit(3)', 'exit code 3'],
    [
      'fails later',
      'setTimeout(() => { throw new Error("late") }, 0); await new Promise(() => setTimeout(() => {}, 60_000))',
      'late',
    ],
    ['holds a function', 'export default { port: () => 1 }', 'not plain data'],
    ['holds no settings', 'export default [1]', 'it contains no settings'],
    ['waits for what never comes', 'await new Promise(() => {})', 'exit code'],
    ['is no TypeScript', 'export default {', ''],
    ['imports what is not there', 'import "./gone.ts"\nexport default {}', 'gone.ts'],
  ])('that %s is said to', async (_, content, reason) => {
    write('hadal.config.ts', content)
    await expect(loadConfigIsolated(folder)).rejects.toMatchObject({
      code: 'config_file_failed',
      message: expect.stringContaining(reason),
    })
  })

  it.each([
    ['turns for ever', 'for (;;);'],
    ['waits for ever', 'await new Promise((resolve) => setTimeout(resolve, 1e9))\nexport default {}'],
  ])('that %s is given up', async (_, content) => {
    write('hadal.config.ts', content)
    await expect(loadConfigIsolated(folder, undefined, { timeoutMillis: 1500 })).rejects.toMatchObject({
      code: 'config_file_failed',
      message: expect.stringContaining('it did not finish within 1.5 s'),
    })
  })

  it('that fills the memory ends its thread, not the process', async () => {
    write('hadal.config.ts', 'const all = []\nfor (;;) all.push(new Array(10_000).fill(1))')
    await expect(loadConfigIsolated(folder, undefined, { timeoutMillis: 600_000 })).rejects.toMatchObject({
      code: 'config_file_failed',
    })
  })
})
