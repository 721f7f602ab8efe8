/** Blocks of TypeScript as modules: what stands above them on the page, what the reader need not see, and the block. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { allBlocks, type Block, root } from './blocks.ts'

export interface Module {
  readonly block: Block
  readonly path: string
  readonly text: string
  /** Line of `text` at which the block begins, from 0. */
  readonly from: number
  /** No other block of the page goes on from here. */
  readonly isLast: boolean
  /** Why it is type-checked only. */
  readonly whyNotRun: string | undefined
}

const folder = join(root, '.cache/docs')

/** One for each block of TypeScript in the documentation. `continues: 2` goes on from the second of the page, without a number from the last. */
export function modules(): readonly Module[] {
  const made: Module[] = []
  for (const block of allBlocks().filter(({ language }) => language === 'ts')) {
    const which = block.marks.get('continues')
    const above = made.filter(({ block: { page } }) => page === block.page)
    const before = which === undefined ? undefined : above.at(Number(which) - 1)
    if (which !== undefined && before === undefined)
      throw new Error(`${block.page}:${block.line}: there is no block above`)
    const head = [before?.text, block.marks.get('with')].filter((text) => text !== undefined).join('\n')
    if (before !== undefined) made[made.indexOf(before)] = { ...before, isLast: false }
    made.push({
      block,
      path: join(folder, `${block.page.replaceAll(/[/.]/g, '-')}-${block.line}.ts`),
      text: head === '' ? `${block.code}\nexport {}\n` : `${head}\n${block.code}\nexport {}\n`,
      from: head === '' ? 0 : head.split('\n').length,
      isLast: true,
      whyNotRun: block.marks.get('types'),
    })
  }
  return made
}

/** Into a folder of the repository, where packages are found by name. */
export function writeModules(all: readonly Module[]): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { path, text } of all) writeFileSync(path, text)
}
