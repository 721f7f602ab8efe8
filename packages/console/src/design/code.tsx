/** Text that a machine reads: shown as it is, copied with one press. */

import { type ReactNode, useState } from 'react'
import { Button } from './controls.tsx'

export interface CodeBlockProps {
  readonly code: string
  /** `yaml`, `json`, `sh`, ...: said beside the copy button. */
  readonly language?: string
  readonly label?: string
}

export function CodeBlock({ code, label }: CodeBlockProps): ReactNode {
  return (
    <figure className="code-block">
      <pre title={label}>
        <code>{code}</code>
      </pre>
      <CopyButton text={code} />
    </figure>
  )
}

export function CopyButton({
  text,
  label = 'Copy',
}: {
  readonly text: string | (() => string)
  readonly label?: string
}): ReactNode {
  const [isCopied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(typeof text === 'string' ? text : text())
    setCopied(true)
  }
  return (
    <Button kind="quiet" onPress={() => void copy()}>
      {isCopied ? '✓' : label}
    </Button>
  )
}
