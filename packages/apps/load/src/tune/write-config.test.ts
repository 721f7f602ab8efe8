import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfigFile } from '@hadal/config'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newConfig, withText, writeConfig } from './write-config.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-write-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const values = { maxBatchSize: 8, timeoutMicros: 2000, speculation: 'off' }

describe('writing a config', () => {
  it.each([
    ['hadal.config.json', '{ "model": "nano", "maxBatchSize": 2 }'],
    [
      'hadal.config.ts',
      "import { defineService } from 'hadal'\n\nexport default defineService({\n  model: 'nano', // small\n  maxBatchSize: 2,\n})\n",
    ],
    [
      'hadal.config.ts',
      "import { defineService } from 'hadal'\nexport default defineService({ model: 'nano' })\n",
    ],
    ['hadal.config.mjs', "export default {\n  model: 'nano',\n  timeoutMicros: '10ms'\n}\n"],
    ['hadal.config.ts', "import { defineService } from 'hadal'\nexport default defineService({})\n"],
  ])('%s: %s', async (name, text) => {
    writeFileSync(join(folder, name), text)
    await writeConfig(folder, name, values)
    const before = text.includes('nano') ? { model: 'nano' } : {}
    expect((await loadConfigFile(folder, name))!.values).toEqual({ ...before, ...values })
    if (text.includes('// small')) expect(readFileSync(join(folder, name), 'utf8')).toContain('// small')
    // Idempotent.
    const once = readFileSync(join(folder, name), 'utf8')
    await writeConfig(folder, name, values)
    expect(readFileSync(join(folder, name), 'utf8')).toBe(once)
  })

  it('begins a file where there is none', async () => {
    writeFileSync(join(folder, 'hadal.config.ts'), newConfig(values))
    expect((await loadConfigFile(folder))!.values).toEqual(values)
  })

  it('leaves names alone that only end alike, and what is not a plain value', () => {
    const text = "defineService({\n  notmaxBatchSize: 2,\n  timeoutMicros: Number('5'),\n})"
    expect(withText(text, { maxBatchSize: 8 })).toContain('notmaxBatchSize: 2')
    expect(withText('export const a = 1', { maxBatchSize: 8 })).toBeUndefined()
  })

  it.each([
    ['a call', 'defineService({\n  maxBatchSize: Number(process.env.SIZE ?? 2),\n})', 'maxBatchSize in code'],
    ['a name', 'defineService({ maxBatchSize: size })', 'maxBatchSize in code'],
    ['a shorthand', 'defineService({ model, maxBatchSize })', 'maxBatchSize in code'],
    ['a spread', 'defineService({ ...shared, model: 1 })', 'from elsewhere, which may hold maxBatchSize'],
  ])('writes nothing that would not be heard, or in place of code: %s', (_, text, why) => {
    expect(() => withText(text, { maxBatchSize: 8 })).toThrow(why)
  })

  it.each([
    ['defineService({ model: "a", maxBatchSize: 2 })', 'defineService({ model: "a", maxBatchSize: 8 })'],
    ["export default { 'maxBatchSize': 2, }", "export default { 'maxBatchSize': 8, }"],
    [
      'defineService({\n  // maxBatchSize: 1,\n  other: { maxBatchSize: 3 },\n  /* } */ maxBatchSize: 2 // }\n})',
      'defineService({\n  // maxBatchSize: 1,\n  other: { maxBatchSize: 3 },\n  /* } */ maxBatchSize: 8 // }\n})',
    ],
    [
      "defineService({\n  guard: { maxBatchSize: 2 },\n  url: 'http://x/}',\n})",
      "defineService({\n  maxBatchSize: 8,\n  guard: { maxBatchSize: 2 },\n  url: 'http://x/}',\n})",
    ],
    ['defineService({ ...shared, maxBatchSize: 2 })', 'defineService({ ...shared, maxBatchSize: 8 })'],
  ])('changes the setting of the service and nothing else: %s', (text, after) => {
    expect(withText(text, { maxBatchSize: 8 })).toBe(after)
  })

  it('refuses a file that has no service', async () => {
    writeFileSync(join(folder, 'hadal.config.ts'), 'const service = {}\nexport default service\n')
    await expect(writeConfig(folder, 'hadal.config.ts', values)).rejects.toMatchObject({
      code: 'config_unwritable',
    })
  })
})
