import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { loadBundle } from './load-bundle.ts'

let folder: string
const at = (name: string): URL => pathToFileURL(join(folder, name))
const write = (name: string, text: string, seconds: number): void => {
  writeFileSync(join(folder, name), text)
  utimesSync(join(folder, name), seconds, seconds)
}
const caches = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.cache'))
const load = (): { answer(): number; later(): Promise<unknown> } | undefined =>
  loadBundle(at('a.cjs'), at('.tsbuildinfo'), async (specifier) => `imported ${specifier}`)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-bundle-'))
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})

it('loads what the build made, and keeps its machine code for the next time', async () => {
  const text = "const path = require('node:path')\nexports.answer = () => path.sep.length + 41\n"
  write('a.cjs', `${text}exports.later = () => __import('./b.js') // it ends with a comment`, 1000)
  expect(load()!.answer()).toBe(42)
  expect(caches()).toEqual([])
  vi.runAllTimers()
  expect(caches()).toHaveLength(1)
  const again = load()!
  expect(again.answer()).toBe(42)
  expect(await again.later()).toBe('imported ./b.js')
  expect(vi.getTimerCount()).toBe(0)
})

it('takes no machine code of an earlier file, however alike', () => {
  write('a.cjs', 'exports.answer = () => 1', 1000)
  expect(load()!.answer()).toBe(1)
  vi.runAllTimers()
  write('a.cjs', 'exports.answer = () => 2', 2000)
  expect(load()!.answer()).toBe(2)
})

it('takes none at all where there is no bundle, or modules that are newer', () => {
  expect(load()).toBeUndefined()
  write('a.cjs', 'exports.answer = () => 1', 1000)
  write('.tsbuildinfo', '{}', 999)
  expect(load()!.answer()).toBe(1)
  write('.tsbuildinfo', '{}', 1001)
  expect(load()).toBeUndefined()
})
