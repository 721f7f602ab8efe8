import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { expect, it } from 'vitest'
import { notPages, pageOf, root, sitePages } from '../docs/.vitepress/page-paths.ts'
import { siteLink } from '../docs/.vitepress/repository-links.ts'
import { namedPages } from '../docs/.vitepress/sidebar.ts'

const pages = sitePages()
/** Made by `npm run docs:api`, not kept. */
const isGenerated = (page: string): boolean => page.startsWith('reference/')

it('the sidebar names pages that there are, each once', () => {
  const there = new Set(pages.values())
  const named = namedPages()
  expect(named.filter((page) => !there.has(`${page}.md`) && !isGenerated(page))).toEqual([])
  expect(named.filter((page, at) => named.indexOf(page) !== at)).toEqual([])
})

it('no two files are one page', () => {
  const files = new Map<string, string>()
  for (const [file, page] of pages) {
    expect(files.get(page), `${file} is ${page}, too`).toBeUndefined()
    files.set(page, file)
  }
})

it('every page is reached from the sidebar by links', () => {
  const files = new Map([...pages].map(([file, page]) => [page, file]))
  // Runbooks, reports and packages have sidebars made from their folders; Chinese pages are those of the same name.
  const listed = [...files.keys()].filter((page) => /^(runbooks|reports|packages|zh|reference)\//.test(page))
  const reached = new Set(['index.md', ...namedPages().map((page) => `${page}.md`), ...listed])
  const open = [...reached]
  for (let page = open.pop(); page !== undefined; page = open.pop()) {
    const file = files.get(page)
    if (file === undefined) continue
    for (const href of linksOf(file)) {
      const target = siteLink(file, href)?.replace(/^\//, '').replace(/#.*$/, '') ?? ''
      if (!files.has(target) || reached.has(target)) continue
      reached.add(target)
      open.push(target)
    }
  }
  expect([...files.keys()].filter((page) => !reached.has(page))).toEqual([])
})

it('every link between files of the repository leads to a file', () => {
  const dead = [...pages.keys()]
    .filter((file) => !isGenerated(pages.get(file)!))
    .flatMap((file) =>
      linksOf(file)
        .filter((href) => !/^([a-z]+:|#|\/)/.test(href))
        .filter((href) => !existsSync(join(root, file, '..', decodeURI(href.split('#')[0]!))))
        .map((href) => `${file}: ${href}`),
    )
  expect(dead).toEqual([])
})

it('a command that the program has is named by a page', () => {
  const guides = [...pages.keys()]
    .filter((file) => /^docs\/[^/]+\.md$/.test(file))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n')
  const verbs = readdirSync(join(root, 'packages/apps/cli/src/commands'))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => name.replace(/\.ts$/, '').replace('verify-resume', 'train').replace(/-.*/, ''))
  expect(verbs.length).toBeGreaterThan(10)
  expect([...new Set(verbs)].filter((verb) => !guides.includes(`hadal ${verb}`))).toEqual([])
})

it('a file and its page', () => {
  expect(pageOf('docs/serve.md')).toBe('serve.md')
  expect(pageOf('docs/runbooks/README.md')).toBe('runbooks/index.md')
  expect(pageOf('ARCHITECTURE.md')).toBe('architecture.md')
  expect(pageOf('SECURITY.md')).toBe('security-policy.md')
  expect(pageOf('packages/training/nn/README.md')).toBe('packages/training/nn.md')
  expect(siteLink('docs/recipes/nano.md', '../../models/nano/README.md#run-it')).toBe(
    '/models/nano.md#run-it',
  )
  expect(siteLink('docs/serve.md', '../packages/kernel/base/src/errors.ts')).toBeUndefined()
  expect(siteLink('docs/serve.md', 'nowhere.md')).toBe('nowhere.md')
  expect(siteLink('docs/serve.md', 'https://nodejs.org')).toBe('https://nodejs.org')
})

/** Links of Markdown without its code. */
function linksOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
    .replace(/^( *)(```+)[\s\S]*?^\1\2/gm, '')
    .replace(/`[^`\n]*`/g, '')
  return [...text.matchAll(/\]\(<?([^)\s>]+)>?\)/g)].map(([, href]) => href!)
}

it.each(['deploy/monitoring/runbooks/HadalPreemptions.md', 'runs/shop.gguf.parity.md', 'packed/notes.md'])(
  'what the start page and packing leave is no page: %s',
  (file) => {
    expect(notPages.some((glob) => matchesGlob(file, glob))).toBe(true)
  },
)
