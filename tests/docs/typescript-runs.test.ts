/**
 * TypeScript of the documentation runs, and prints what its comments say. What is exported by default from a `hadal.config.ts` or
 * with `defineService` is a service that the settings take.
 */

import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { formatWithOptions } from 'node:util'
import { checkService, resolveSettings, serviceSettings } from '@hadal/config'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type HadalProcess, serve } from '../../packages/apps/cli/test/hadal-process.ts'
import { placeOf, root } from './blocks.ts'
import { modules, writeModules } from './modules.ts'
import { notPrinted, saidToBePrinted } from './printed-values.ts'

// Before libtorch is loaded: threads that wait for each other on a busy machine crawl.
process.env.OMP_NUM_THREADS = '1'

const servedAt = 'http://127.0.0.1:8080'
const all = modules()
const run = all.filter(({ isLast, whyNotRun }) => isLast && whyNotRun === undefined)

let hadal: HadalProcess
beforeAll(async () => {
  const server = await serve()
  hadal = server.hadal
  writeModules(run.map((module) => ({ ...module, text: module.text.replaceAll(servedAt, server.url) })))
})
afterAll(() => hadal?.[Symbol.asyncDispose]())

const { log } = console
let printed: string[]
let folder: string
const before = process.cwd()
beforeEach(() => {
  printed = []
  console.log = (...values: unknown[]) => void printed.push(formatWithOptions({ colors: false }, ...values))
  folder = mkdtempSync(join(tmpdir(), 'hadal-docs-'))
  symlinkSync(join(root, 'models/nano/nano-q8_0.gguf'), join(folder, 'model.gguf'))
  process.chdir(folder)
})
afterEach(() => {
  console.log = log
  process.chdir(before)
  rmSync(folder, { recursive: true, force: true })
})

it.each(run.map((module) => [placeOf(module.block), module] as const))(
  '%s',
  async (_place, { path, text, block }) => {
    const { default: exported } = (await import(pathToFileURL(path).href)) as { default?: object }
    expect(notPrinted(saidToBePrinted(text), printed), printed.join('\n')).toEqual([])
    if (/defineService|^\/\/ hadal\.config\.ts/.test(block.code)) {
      const file = { path: 'hadal.config.ts', values: exported as Record<string, unknown> }
      resolveSettings(serviceSettings, { flags: {}, env: {}, file }, { check: checkService })
    }
  },
)

it('what is not run says why', () => {
  console.log = log
  const reasons = all.flatMap(({ whyNotRun }) => (whyNotRun === undefined ? [] : [whyNotRun]))
  console.log(
    `${all.length} blocks of TypeScript: ${run.length} modules run, ${reasons.length} type-checked only:\n  ${[...new Set(reasons)].sort().join('\n  ')}`,
  )
  expect(reasons).not.toContain('')
})
