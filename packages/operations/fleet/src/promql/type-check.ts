/** What the rules for calls and suffixes need of the check that runs them. */

import type { SyntaxNode } from '@lezer/common'
import type { PromqlType } from './functions.ts'
import type { PromqlIssue } from './parse-promql.ts'

export interface TypeCheck {
  issue(kind: PromqlIssue['kind'], at: { from: number; to: number }, message: string): undefined
  /** The text of a node. */
  said(node: { from: number; to: number }): string
  /** Undefined where a fault leaves it open; then nothing more is said of what is around. */
  typeOf(node: SyntaxNode): PromqlType | undefined
  expect(node: SyntaxNode, wanted: PromqlType, where: string): void
  /** Names in a list of labels. */
  labelsOf(list: SyntaxNode): readonly string[]
}
