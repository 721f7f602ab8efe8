/** The committed functions and types equal the code generator's output, if the version of libtorch matches. */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('is current', () => {
  const program = fileURLToPath(new URL('../codegen/generate.ts', import.meta.url))
  const args = ['--import', 'tsx', program, '--check']
  const said = execFileSync(process.execPath, args, { encoding: 'utf8' })
  expect(said).toMatch(/operators\.ts: (current|written from another)/)
  expect(said).toMatch(/methods\.ts: (current|written from another)/)
})
