/** A collapsible JSON tree. Renders only expanded nodes, and the start of long lists. */

import { type ReactNode, useState } from 'react'
import { Button } from '../../../../design/index.ts'
import { useMessages } from '../../../../messages/use-messages.ts'
import { visibleText } from '../markdown/safe-link.ts'
import { words } from '../words.ts'

const shownAtFirst = 50
const openDepth = 2

export function JsonTree({ value }: { readonly value: unknown }): ReactNode {
  return (
    <div className="ms-tree">
      <Value value={value} depth={0} />
    </div>
  )
}

interface ValueProps {
  readonly name?: string
  readonly value: unknown
  readonly depth: number
}

function Value({ name, value, depth }: ValueProps): ReactNode {
  if (typeof value === 'object' && value !== null)
    return <Branch {...(name !== undefined && { name })} value={value} depth={depth} />
  return (
    <div className="ms-leaf">
      {name !== undefined && <Name name={name} />}
      <code className={`ms-json-${value === null ? 'null' : typeof value}`}>
        {visibleText(JSON.stringify(value) ?? String(value))}
      </code>
    </div>
  )
}

function Branch({ name, value, depth }: ValueProps & { readonly value: object }): ReactNode {
  const say = useMessages(words)
  const [isOpen, setOpen] = useState(depth < openDepth)
  const [shown, setShown] = useState(shownAtFirst)
  const entries = Object.entries(value)
  const size = Array.isArray(value) ? say.items(entries.length) : say.fields(entries.length)
  return (
    <details className="ms-branch" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {name !== undefined && <Name name={name} />}
        <span className="ms-size">
          {Array.isArray(value) ? '[ ]' : '{ }'} {size}
        </span>
      </summary>
      {isOpen && (
        <>
          {entries.slice(0, shown).map(([key, each]) => (
            <Value key={key} name={key} value={each} depth={depth + 1} />
          ))}
          {entries.length > shown && (
            <Button kind="quiet" size="small" onPress={() => setShown(shown + 10 * shownAtFirst)}>
              {say.more(Math.min(entries.length - shown, 10 * shownAtFirst))}
            </Button>
          )}
        </>
      )}
    </details>
  )
}

const Name = ({ name }: { readonly name: string }): ReactNode => (
  <span className="ms-name">{visibleText(name)}:</span>
)
