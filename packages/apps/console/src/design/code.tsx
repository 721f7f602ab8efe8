/** Machine-readable text: shown unchanged, copied with one click. */

import { type ReactNode, useEffect, useState } from 'react'
import { useMessages } from '../messages/use-messages.ts'
import { Button } from './controls.tsx'
import { copyText } from './copy-text.ts'
import { toast } from './toasts.tsx'
import { designWords } from './words.ts'

export interface CodeBlockProps {
  readonly code: string
  /** `yaml`, `json`, `sh`, ...: shown next to the copy button. */
  readonly language?: string | undefined
  readonly label?: string | undefined
  /** Long lines are broken at first; the reader may change it. */
  readonly isWrapped?: boolean | undefined
  /** Taller ones scroll. */
  readonly maxRows?: number | undefined
}

export function CodeBlock({ code, language, label, isWrapped = false, maxRows }: CodeBlockProps): ReactNode {
  const say = useMessages(designWords)
  const [wraps, setWraps] = useState(isWrapped)
  return (
    <figure className={wraps ? 'code-block code-block-wraps' : 'code-block'} aria-label={label}>
      <figcaption>
        <span>{label ?? language ?? ''}</span>
        <Button
          kind="quiet"
          size="small"
          icon="wrap"
          label={say.wrap}
          isPressed={wraps}
          onPress={() => setWraps(!wraps)}
        />
        <CopyButton text={code} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard */}
      <pre tabIndex={0} style={maxRows === undefined ? undefined : { maxHeight: `${maxRows * 1.5}em` }}>
        <code>{code}</code>
      </pre>
    </figure>
  )
}

export function CopyButton({
  text,
  label,
}: {
  readonly text: string | (() => string)
  readonly label?: string | undefined
}): ReactNode {
  const say = useMessages(designWords)
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy = async (): Promise<void> => {
    try {
      await copyText(typeof text === 'string' ? text : text())
      setCopied(true)
    } catch {
      toast({ text: say.copyFailed, tone: 'warn' })
    }
  }
  return (
    <Button kind="quiet" size="small" icon={isCopied ? 'check' : 'copy'} onPress={() => void copy()}>
      <span aria-live="polite">{isCopied ? say.copied : (label ?? say.copy)}</span>
    </Button>
  )
}
