import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { gitBlobOf, sha256Of } from './file-digests.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-digests-'))
afterAll(() => rmSync(folder, { recursive: true }))

it.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
])('%j has the SHA-256 that the standard gives and the id that git gives', async (content, sha256) => {
  const path = join(folder, 'file')
  writeFileSync(path, content)
  expect(await sha256Of(path)).toBe(sha256)
  const git = execFileSync('git', ['hash-object', '--no-filters', path], { encoding: 'utf8' })
  expect(await gitBlobOf(path)).toBe(git.trim())
})
