/**
 * The code blocks of the Markdown pages, with what an HTML comment above a fence says of each. Knows nothing of what is done with
 * them.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageFolders } from '../../scripts/package-folders.mjs'

export const root: string = fileURLToPath(new URL('../../', import.meta.url))

export interface Block {
  /** From the root of the repository. */
  readonly page: string
  /** Line of the fence, from 1. */
  readonly line: number
  /** What stands behind the fence; empty for none. */
  readonly language: string
  readonly code: string
  /** Name and text of each comment above: `<!-- parsed: why -->` is `parsed` and `why`. */
  readonly marks: ReadonlyMap<string, string>
}

/** What a comment above a fence may say, and of blocks in which languages. */
export const markNames: ReadonlyMap<string, readonly string[]> = new Map([
  ['parsed', ['sh']],
  ['exits', ['sh']],
  ['types', ['ts']],
  ['with', ['ts']],
  ['continues', ['ts']],
  ['output', ['', 'text']],
  ['sample', ['', 'text', 'json', 'cpp']],
])

const singlePages = [
  'README.md',
  'CONTRIBUTING.md',
  'ARCHITECTURE.md',
  'packages/serving/guard/weights/classifier.md',
]
/** Written by tools from comments in the source, or belongs to others. */
const isForeign = /(^|\/)(node_modules|\.vitepress)\/|^docs\/reference\//

/** Paths from the root, sorted. */
export function pages(): readonly string[] {
  const under = (folder: string, wanted: RegExp): string[] =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
          .map((path) => `${folder}/${path}`)
          .filter((path) => wanted.test(path) && !isForeign.test(path))
      : []
  const readmes = ['examples', 'models', 'recipes'].flatMap((folder) => under(folder, /\/README\.md$/))
  const ofPackages = packageFolders().map((folder) => `${folder}/README.md`)
  return [...singlePages, ...under('docs', /\.md$/), ...readmes, ...ofPackages]
    .filter((path) => existsSync(join(root, path)))
    .sort()
}

export function blocksOf(page: string): readonly Block[] {
  return findBlocks(page, readFileSync(join(root, page), 'utf8'))
}

/** English pages only: what is asked of the others is that their code is the same. */
export function allBlocks(): readonly Block[] {
  return pages()
    .filter((page) => !page.startsWith('docs/zh/'))
    .flatMap(blocksOf)
}

/** Throws where a fence is not closed. */
export function findBlocks(page: string, text: string): readonly Block[] {
  const lines = text.split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent, fence, info] = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(lines[at]!) ?? []
    if (fence === undefined) continue
    const end = lines.findIndex((line, index) => index > at && line.trim() === fence)
    if (end < 0) throw new Error(`${page}:${at + 1}: the fence is not closed`)
    blocks.push({
      page,
      line: at + 1,
      language: info!.trim().split(/[\s{[]/)[0]!,
      code: lines
        .slice(at + 1, end)
        .map((line) => (line.startsWith(indent!) ? line.slice(indent!.length) : line))
        .join('\n'),
      marks: marksAbove(lines.slice(0, at)),
    })
    at = end
  }
  return blocks
}

/** Marks in comments directly above, each on its own line. */
function marksAbove(lines: string[]): ReadonlyMap<string, string> {
  const marks = new Map<string, string>()
  while (lines.at(-1)?.trimEnd().endsWith('-->')) {
    const from = lines.findLastIndex((line) => line.trimStart().startsWith('<!--'))
    const comment = lines.slice(from).join('\n').trim().slice('<!--'.length, -'-->'.length).trim()
    const [, name, text] = /^([a-z]+)(?::\s*(.*))?$/s.exec(comment) ?? []
    if (from < 0 || name === undefined) break
    marks.set(name, text ?? '')
    lines = lines.slice(0, from)
  }
  return marks
}

/** What a block of the page calls itself in its first line: `// recipe.ts`. */
export function fileNameOf({ code }: Block): string | undefined {
  return /^\/\/ ([\w.-]+\.ts)\b/.exec(code)?.[1]
}

export function placeOf({ page, line }: Block): string {
  return `${page}:${line}`
}
