/**
 * What the documentation tells people to type does what it says: each line is run by a shell, in a folder for each page, unless
 * something is said of why it is not (not-run.ts, or above the block). What a page shows as output has the shape of what was
 * printed. Port 8080 is a server with the bundled model.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HadalProcess, serve } from '../../packages/apps/cli/test/hadal-process.ts'
import { allBlocks, type Block, placeOf } from './blocks.ts'
import { groupBy } from './group-by.ts'
import { whyNotRun } from './not-run.ts'
import { linesNotPrinted } from './output-shape.ts'
import { PageShell } from './page-shell.ts'
import { linesOf } from './shell.ts'

interface Line {
  readonly block: Block
  readonly text: string
  readonly whyNot: string | undefined
}

const blocks = allBlocks().filter(({ page }) => page !== 'docs/start.md')
const lines: readonly Line[] = blocks.flatMap((block) =>
  commandsOf(block).map((text) => ({ block, text, whyNot: whyNotRun(text, block) })),
)
const run = lines.filter(({ whyNot }) => whyNot === undefined)

let hadal: HadalProcess
let url: string
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-docs-'))
  ;({ hadal, url } = await serve())
})
afterAll(async () => {
  await hadal?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

describe('commands of', () => {
  it.each([...groupBy(run, ({ block }) => block.page)])('%s', (page, typed) => {
    const shell = new PageShell(folder, page, { 'http://127.0.0.1:8080': url })
    const outputs = shell.run(
      [...groupBy(typed, ({ block }) => block)].map(([block, ofBlock]) => ({
        block,
        lines: ofBlock.map(({ text }) => text),
      })),
    )
    const issues = [...outputs].flatMap(([block, { printed, exits }]) => {
      const expected = block.marks.get('exits')?.split(',')[0] ?? (block.language === 'sh' ? '0' : undefined)
      const wrong = exits.filter((code) => expected !== undefined && code !== expected)
      return wrong.map((code) => `${placeOf(block)} exits with ${code}: ${printed}`)
    })
    const above = (block: Block): string | undefined =>
      [...outputs].findLast(([other]) => other.language === 'sh' && other.line < block.line)?.[1].printed
    for (const block of blocks.filter((each) => each.page === page && each.marks.has('output'))) {
      const printed = block.marks.get('output') === 'above' ? above(block) : outputs.get(block)?.printed
      for (const line of linesNotPrinted(block.code, printed ?? ''))
        issues.push(`${placeOf(block)} shows a line that was not printed: ${line}\n${printed}`)
    }
    expect(issues.join('\n')).toBe('')
  })

  it('the documentation are run, or it is said why not', () => {
    const counts = [...groupBy(lines, ({ whyNot }) => whyNot ?? 'run')]
      .sort(([, a], [, b]) => b.length - a.length)
      .map(([why, { length }]) => `${String(length).padStart(4)}  ${why}`)
    console.log(['lines of commands:', ...counts].join('\n'))
    expect(lines.filter(({ whyNot }) => whyNot === '')).toEqual([])
    expect(run.length).toBeGreaterThan(0)
  })
})

/** Lines of a block of commands; the command whose output a plain block is. */
function commandsOf({ language, code, marks }: Block): readonly string[] {
  if (language === 'sh') return linesOf(code)
  const said = marks.get('output')
  if (said === undefined || said === 'above') return []
  if (said !== '') return [said]
  return code
    .split('\n')
    .filter((line) => line.startsWith('$ '))
    .map((line) => line.slice(2))
}
