/** Config files in TypeScript, read by what was built. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { HadalProcess, serve } from './hadal-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-e2e-config-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

it('one that imports another is in force', async () => {
  write('keys.ts', "export const keys: readonly string[] = ['of-a-file']")
  const config = write(
    'hadal.config.ts',
    "import { defineService } from 'hadal'\nimport { keys } from './keys.ts'\nexport default defineService({ apiKeys: keys })",
  )
  const { hadal, url } = await serve('--config', config)
  await using _ = hadal
  const status = async (key: string) =>
    (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status
  expect([await status('of-a-file'), await status('other')]).toEqual([200, 401])
  expect(hadal.output).not.toContain('of-a-file')
})

it('is checked and shown', async () => {
  const config = write('shown.config.ts', 'export default { maxQueue: 7 }')
  await using check = new HadalProcess(['config', 'check', config])
  expect(await check.ended()).toMatchObject({ code: 0, output: `${config}: 1 setting, no fault\n` })
  await using show = new HadalProcess(['config', 'show', '--changed', '--config', config])
  expect((await show.ended()).output).toMatch(/maxQueue +7 +\S+shown\.config\.ts/)
  const bad = write('bad.config.ts', 'export default { maxQueues: 7, port: -1 }')
  await using refused = new HadalProcess(['config', 'check', bad])
  const { code, output } = await refused.ended()
  expect(code).toBe(2)
  expect(output).toContain('2 settings are wrong')
  expect(output).toContain('did you mean maxQueue?')
})
