// Links between files of the repository become links between pages of the site. A link to a file that is no page, such as a source
// or raw rounds, stays readable as its text: the site is complete without a host for the repository.

import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { MarkdownOptions } from 'vitepress'
import { root, sitePages } from './page-paths.ts'

type Markdown = Parameters<NonNullable<MarkdownOptions['config']>>[0]
type Token = ReturnType<Markdown['parse']>[number]

const pages: ReadonlyMap<string, string> = sitePages()
const sources: ReadonlyMap<string, string> = new Map([...pages].map(([file, page]) => [page, file]))
const elsewhere: Readonly<Record<string, string>> = {
  'README.md': '/',
  'bench/reports': '/measured.md',
  recipes: '/recipes/index.md',
  docs: '/',
  packages: '/architecture.md',
}

/** What a link in a file means on the site: a page, undefined for a file that is none, or the same where it leads out. */
export function siteLink(file: string, href: string): string | undefined {
  if (/^([a-z]+:|#|\/)/.test(href)) return href
  const [path = '', anchor] = href.split('#')
  const target = posix.join(posix.dirname(file), decodeURI(path)).replace(/\/$/, '')
  const hash = anchor === undefined ? '' : `#${anchor}`
  if (Object.hasOwn(elsewhere, target)) return elsewhere[target]
  const page = pages.get(target) ?? pages.get(`${target}/README.md`)
  if (page !== undefined) return `/${page}${hash}`
  // One that leads nowhere is left as it is, so that the build says so.
  return existsSync(join(root, target)) ? undefined : href
}

export function repositoryLinks(markdown: Markdown): void {
  markdown.core.ruler.push('repository-links', (state) => {
    const file = sources.get(state.env.relativePath)
    if (file === undefined) return
    for (const { children } of state.tokens) if (children) replaceLinks(children, file)
  })
}

function replaceLinks(tokens: Token[], file: string): void {
  const dropped: boolean[] = []
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const href = siteLink(file, token.attrGet('href') ?? '')
      if (href !== undefined) token.attrSet('href', href)
      else {
        token.tag = 'span'
        token.attrs = [['title', `in the repository: ${token.attrGet('href')}`]]
        token.type = 'file_open'
      }
      dropped.push(href === undefined)
    } else if (token.type === 'link_close' && dropped.pop()) {
      token.tag = 'span'
      token.type = 'file_close'
    }
  }
}
