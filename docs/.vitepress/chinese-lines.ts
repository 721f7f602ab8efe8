// A line break in the middle of a Chinese sentence is no blank, as it is one between words of English.

import type { MarkdownOptions } from 'vitepress'

type Markdown = Parameters<NonNullable<MarkdownOptions['config']>>[0]

const chinese = /[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”]/

export function chineseLines(markdown: Markdown): void {
  markdown.core.ruler.push('chinese-lines', (state) => {
    for (const { children } of state.tokens)
      children?.forEach((token, at) => {
        if (token.type !== 'softbreak') return
        const before = children
          .slice(0, at)
          .findLast(({ content }) => content !== '')
          ?.content.at(-1)
        const after = children
          .slice(at + 1)
          .find(({ content }) => content !== '')
          ?.content.at(0)
        if (before === undefined || after === undefined) return
        if (chinese.test(before) && chinese.test(after)) token.type = 'text'
      })
  })
}
