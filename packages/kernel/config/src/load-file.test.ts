import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfigFile } from './load-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const write = (name: string, content: string): void => writeFileSync(join(folder, name), content)

const typescript = `
import { defineService } from 'hadal'
const port: number = 9000
export default defineService({ port, bodyLimitBytes: '1MiB' })
`

describe('loadConfigFile', () => {
  it('finds nothing in an empty folder', async () => {
    expect(await loadConfigFile(folder)).toBeUndefined()
  })

  it.each([
    ['hadal.config.ts', typescript],
    ['hadal.config.mts', typescript],
    ['hadal.config.js', `export default { port: 9000, bodyLimitBytes: '1MiB' }`],
    [
      'hadal.config.mjs',
      `import { defineService } from '@hadal/config'\n${typescript.split('\n').slice(2).join('\n').replace(': number', '')}`,
    ],
    ['hadal.config.json', `{ "port": 9000, "bodyLimitBytes": "1MiB" }`],
  ])('loads %s, in a folder where hadal is not installed', async (name, content) => {
    write(name, content)
    expect(await loadConfigFile(folder)).toEqual({
      path: name,
      values: { port: 9000, bodyLimitBytes: '1MiB' },
    })
  })

  it('loads the specified file', async () => {
    write('other.ts', typescript)
    expect((await loadConfigFile(folder, 'other.ts'))?.values).toMatchObject({ port: 9000 })
  })

  it('sees what changed since it was last loaded', async () => {
    write('hadal.config.ts', typescript)
    await loadConfigFile(folder)
    write('hadal.config.ts', typescript.replace('9000', '9001'))
    expect((await loadConfigFile(folder))?.values).toMatchObject({ port: 9001 })
  })

  it('says which files it cannot choose between', async () => {
    write('hadal.config.ts', typescript)
    write('hadal.config.json', '{}')
    await expect(loadConfigFile(folder)).rejects.toMatchObject({
      code: 'config_file_ambiguous',
      message: 'found more than one config file: hadal.config.ts and hadal.config.json',
    })
  })

  it('says that a named file does not exist', async () => {
    await expect(loadConfigFile(folder, 'gone.ts')).rejects.toMatchObject({ code: 'config_file_not_found' })
  })

  it.each([
    ['hadal.config.json', '{ "port": ', 'JSON'],
    ['hadal.config.json', '[]', 'it contains no settings'],
    ['hadal.config.ts', 'export const port = 1', 'it contains no settings'],
    ['hadal.config.ts', 'throw new Error("broken inside")', 'broken inside'],
    ['hadal.config.ts', 'export default {', ''],
  ])('says what is wrong with %s holding %j', async (name, content, reason) => {
    write(name, content)
    await expect(loadConfigFile(folder)).rejects.toMatchObject({
      code: 'config_file_failed',
      message: expect.stringContaining(reason),
    })
  })
})
