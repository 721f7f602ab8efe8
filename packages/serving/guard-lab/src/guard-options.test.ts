import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGuard } from '@hadal/guard'
import { afterAll, describe, expect, it } from 'vitest'
import { guardOptions } from './guard-options.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-checks-'))
afterAll(() => rmSync(folder, { recursive: true }))
const written = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return `./${name}`
}

describe('custom checks', () => {
  it('are loaded from the modules that the setting names, in TypeScript, and asked with the others', async () => {
    const own = written(
      'no-cats.ts',
      `import type { Check } from '@hadal/guard'
const check: Check = ({ text }) => {
  const start = text.indexOf('cat')
  if (start < 0) return { findings: [] }
  return { findings: [{ rule: 'mine.cat', span: { start, end: start + 3 }, view: 'original', why: 'a cat' }] }
}
export default { name: 'noCats', layer: 'mine', check, action: 'block' }`,
    )
    const options = await guardOptions({ preset: 'off', checkModules: [own] }, folder)
    using guard = createGuard(options)
    expect(await guard.screen('a cat sat')).toMatchObject({
      action: 'block',
      findings: [{ rule: 'mine.cat', check: 'noCats', span: { start: 2, end: 5 } }],
    })
    expect((await guard.screen('a dog sat')).action).toBe('allow')
  })

  it('names a module that is not there by its path alone', async () => {
    const options = guardOptions({ checkModules: ['./none.ts'] }, folder)
    await expect(options).rejects.toMatchObject({
      code: 'guard_check_invalid',
      message: expect.stringMatching(/^\.\/none\.ts: [^\n]*none\.ts'[^\n]*$/),
    })
  })

  it.each([
    ['throws.ts', 'throw new Error("no")', 'no'],
    ['nothing.ts', 'export const x = 1', 'name must be a non-empty string'],
    ['action.ts', 'export default { name: "a", layer: "b", check() {}, action: "explode" }', 'explode'],
    [
      'roles.ts',
      'export default { name: "a", layer: "b", check() {}, action: "flag", roles: ["users"] }',
      'got ["users"]',
    ],
    [
      'role.ts',
      'export default { name: "a", layer: "b", check() {}, action: "flag", roles: "user" }',
      'roles',
    ],
    [
      'list.ts',
      'export default [{ name: "a", layer: "b", check() {}, action: "flag" }, {}]',
      'check 2: name must be a non-empty string',
    ],
  ])('are refused with their place: %s', async (name, text, why) => {
    await expect(guardOptions({ checkModules: [written(name, text)] }, folder)).rejects.toMatchObject({
      code: 'guard_check_invalid',
      message: expect.stringContaining(why),
    })
  })
})

it('files are found from the folder of the settings', async () => {
  const { policy } = await guardOptions({ files: { attacks: 'mine.jsonl' } }, folder)
  expect(policy).toEqual({ files: { attacks: join(folder, 'mine.jsonl') } })
})
