/**
 * Parses a Markdown block: CommonMark with GitHub's tables, task lists, strikethrough and autolinks; without HTML (shown as text), indented
 * code and setext headings (which models do not intend), and with protected mathematics.
 */

import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { math, mathFromMarkdown } from './math-syntax.ts'

const never = ['htmlFlow', 'htmlText', 'codeIndented', 'setextUnderline']
const blocks = [
  'headingAtx',
  'blockQuote',
  'list',
  'thematicBreak',
  'definition',
  'codeFenced',
  'table',
  'gfmFootnoteDefinition',
]

const syntax = [gfm({ singleTilde: false }), math]
const trees = [gfmFromMarkdown(), mathFromMarkdown]
const whole = { extensions: [...syntax, { disable: { null: never } }], mdastExtensions: trees }
const inline = {
  extensions: [...syntax, { disable: { null: [...never, ...blocks] } }],
  mdastExtensions: trees,
}

export type Root = ReturnType<typeof fromMarkdown>
export type BlockNode = Root['children'][number]

/** `isRest`: whatever it begins with, it is the middle of a paragraph. Never throws: what cannot be read is one text. */
export function parsePiece(text: string, isRest = false): Root {
  try {
    return fromMarkdown(text, isRest ? inline : whole)
  } catch {
    return { type: 'root', children: [{ type: 'paragraph', children: [{ type: 'text', value: text }] }] }
  }
}
