/** Conversations of this browser: search, open, rename, delete, import, export. */

import { type ReactNode, useEffect, useRef, useState } from 'react'
import {
  Button,
  Dialog,
  formatTime,
  Menu,
  Notice,
  Skeleton,
  TextField,
  toast,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { go, hrefOf } from '../../../shell/route.ts'
import { useStore } from '../../../store.ts'
import type { Summary } from '../library/database.ts'
import { exported, type Imported, imported, longestImport } from '../library/exchange.ts'
import {
  addConversations,
  everyConversation,
  library,
  removeConversation,
  renameConversation,
  searchConversations,
} from '../library/library.ts'
import { newId } from '../new-id.ts'
import { stop } from '../session.ts'
import { words } from '../words.ts'

export interface ConversationListProps {
  readonly current: string | undefined
  /** One was opened: on a phone the list goes away. */
  readonly onOpen: () => void
}

export function ConversationList({ current, onOpen }: ConversationListProps): ReactNode {
  const say = useMessages(words)
  const { summaries, problem } = useStore(library)
  const [search, setSearch] = useState('')
  const [renaming, setRenaming] = useState<Summary>()
  const found = useFound(search)
  const file = useRef<HTMLInputElement>(null)
  const shown = summaries?.filter(({ id }) => found === undefined || found.has(id))
  const open = (id?: string): void => {
    go('playground', id === undefined ? [] : [id])
    onOpen()
  }
  const takeIn = async (given: File): Promise<void> => {
    const read: Imported =
      given.size > longestImport ? { issue: 'too_long' } : imported(await given.text(), newId)
    if (read.issue !== undefined) return toast({ text: say[`import_${read.issue}`], tone: 'bad' })
    addConversations(read.conversations)
    toast({ text: say.importedCount(read.conversations.length), tone: 'good' })
    open(read.conversations[0]!.id)
  }
  const remove = async (summary: Summary): Promise<void> => {
    stop(summary.id)
    const removed = await removeConversation(summary.id)
    if (summary.id === current) open()
    if (removed !== undefined)
      toast({
        text: say.removed(summary.title || say.untitled),
        action: { label: say.undo, onPress: () => addConversations([removed]) },
      })
  }
  return (
    <div className="pg-list">
      <div className="pg-list-head">
        <Button icon="plus" onPress={() => open()}>
          {say.newConversation}
        </Button>
        <Menu
          kind="quiet"
          icon="more"
          label={say.more}
          items={[
            { label: say.import, icon: 'upload', onPress: () => file.current?.click() },
            { label: say.exportAll, icon: 'download', onPress: () => void exportAll() },
          ]}
        />
        <input
          ref={file}
          type="file"
          accept="application/json,.json"
          hidden
          aria-label={say.import}
          onChange={({ target }) => {
            const [given] = target.files ?? []
            if (given !== undefined) void takeIn(given)
            target.value = ''
          }}
        />
      </div>
      <TextField
        label={say.search}
        isLabelHidden
        type="search"
        placeholder={say.search}
        value={search}
        onChange={setSearch}
      />
      {problem !== undefined && <Notice tone="warn">{say[problem]}</Notice>}
      {shown === undefined && <Skeleton lines={4} />}
      {shown?.length === 0 && <p className="pg-faint">{search === '' ? say.noneYet : say.noneFound}</p>}
      <ul aria-label={say.conversations}>
        {shown?.map((summary) => (
          <li key={summary.id} className="pg-list-row">
            <a
              href={hrefOf('playground', [summary.id])}
              aria-current={summary.id === current ? 'page' : undefined}
              onClick={onOpen}
            >
              <span className="pg-list-title">{summary.title || say.untitled}</span>
              <time dateTime={new Date(summary.updatedAt).toISOString()}>
                {formatTime(summary.updatedAt)}
              </time>
            </a>
            <Menu
              kind="quiet"
              size="small"
              icon="more"
              label={`${say.more}: ${summary.title || say.untitled}`}
              items={[
                { label: say.rename, icon: 'edit', onPress: () => setRenaming(summary) },
                { label: say.exportOne, icon: 'download', onPress: () => void exportAll(summary) },
                { label: say.remove, icon: 'trash', isDanger: true, onPress: () => void remove(summary) },
              ]}
            />
          </li>
        ))}
      </ul>
      <Dialog title={say.rename} isOpen={renaming !== undefined} onClose={() => setRenaming(undefined)}>
        {renaming !== undefined && <Rename summary={renaming} onDone={() => setRenaming(undefined)} />}
      </Dialog>
    </div>
  )
}

function Rename({ summary, onDone }: { readonly summary: Summary; readonly onDone: () => void }): ReactNode {
  const say = useMessages(words)
  const [title, setTitle] = useState(summary.title)
  const save = (): void => {
    if (title.trim() !== '') void renameConversation(summary.id, title.trim())
    onDone()
  }
  return (
    <form
      className="pg-form"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <TextField label={say.name} value={title} onChange={setTitle} maxLength={200} />
      <Button kind="primary" submits isDisabled={title.trim() === ''}>
        {say.save}
      </Button>
    </form>
  )
}

/** Undefined: all. The last that was found stays until the next is. */
function useFound(search: string): ReadonlySet<string> | undefined {
  const [found, setFound] = useState<ReadonlySet<string>>()
  useEffect(() => {
    if (search.trim() === '') return setFound(undefined)
    const looking = new AbortController()
    const timer = setTimeout(async () => {
      const ids = await searchConversations(search.trim(), looking.signal)
      if (!looking.signal.aborted) setFound(ids)
    }, 150)
    return () => {
      clearTimeout(timer)
      looking.abort()
    }
  }, [search])
  return found
}

async function exportAll(only?: Summary): Promise<void> {
  const all = await everyConversation()
  const wanted = only === undefined ? all : all.filter(({ id }) => id === only.id)
  const url = URL.createObjectURL(new Blob([exported(wanted)], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = only === undefined ? 'hadal-conversations.json' : 'hadal-conversation.json'
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
