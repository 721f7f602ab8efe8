/** Code of a translated page is that of the page it was translated from: only comments, and what stands for something else, are in another language. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Block, blocksOf, pages, root } from './blocks.ts'

const translated = pages().filter((page) => page.startsWith('docs/zh/'))
const originalOf = (page: string): string => page.replace('docs/zh/', 'docs/')

describe('translated pages', () => {
  it.each(translated.filter((page) => existsSync(join(root, originalOf(page)))))('%s', (page) => {
    const codeOf = (of: string): readonly string[] => blocksOf(of).filter(isTyped).map(withoutComments)
    expect(codeOf(page)).toEqual(codeOf(originalOf(page)))
  })

  it('are compared without their comments', () => {
    const block = (code: string): Block => ({ page: '', line: 1, language: 'sh', code, marks: new Map() })
    expect(withoutComments(block('hadal serve   # the model'))).toBe(
      withoutComments(block('hadal serve # 模型')),
    )
    expect(withoutComments(block('curl http://a'))).toBe('curl http://a')
    expect(withoutComments(block('a 1'))).not.toBe(withoutComments(block('a 2')))
  })
})

/** Drawings and output have words that may be translated. */
function isTyped({ language }: Block): boolean {
  return language !== '' && language !== 'text'
}

function withoutComments({ code }: Block): string {
  return code
    .split('\n')
    .map((line) =>
      line
        .replace(/(^|\s)(#|\/\/) .*$/, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '')
    .join('\n')
}
