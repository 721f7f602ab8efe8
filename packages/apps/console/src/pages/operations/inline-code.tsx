/** A sentence with `code` in backticks, as errors, runbooks and findings have it. Everything else is text. */

import type { ReactNode } from 'react'

export function InlineCode({ text }: { readonly text: string }): ReactNode {
  return text.split(/(`[^`\n]+`)/).map((part, index) =>
    part.startsWith('`') && part.length > 2 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text do not move
      <code key={index} className="ops-code">
        {part.slice(1, -1)}
      </code>
    ) : (
      part
    ),
  )
}
