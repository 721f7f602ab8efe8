/** What the rules for calls and suffixes need of the check that runs them. */

import type { PromqlIssue, PromqlType } from '@hadal/fleet'
import type { SyntaxNode } from '@lezer/common'

export interface TypeCheck {
  issue(kind: PromqlIssue['kind'], at: { from: number; to: number }, message: string): undefined
  /** The text of a node. */
  said(node: { from: number; to: number }): string
  /** Undefined after an error; then the surrounding expression is not reported. */
  typeOf(node: SyntaxNode): PromqlType | undefined
  expect(node: SyntaxNode, wanted: PromqlType, where: string): void
  /** Names in a list of labels. */
  labelsOf(list: SyntaxNode): readonly string[]
}
