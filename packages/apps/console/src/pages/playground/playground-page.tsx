/** The playground: chat with one or several models side by side, and inspect responses. */

import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Button, Dialog, EmptyState, Page, Skeleton, Tabs, toast } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { type Command, useCommands } from '../../shell/commands.ts'
import { go, useRoute } from '../../shell/route.ts'
import { useStore } from '../../store.ts'
import { CodeDialog } from './code/code-dialog.tsx'
import type { Column, Conversation } from './conversation.ts'
import { openLibrary } from './library/library.ts'
import { modelOf, useModelList } from './models.ts'
import './playground.css'
import {
  addColumn,
  changeColumn,
  drafts,
  type Issue,
  maxColumns,
  removeColumn,
  running,
  say as sayIn,
  stop,
} from './session.ts'
import { SettingsPanel } from './settings/settings-panel.tsx'
import { pathOf } from './thread.ts'
import { useConversation } from './use-conversation.ts'
import { useMedia } from './use-media.ts'
import { Composer } from './view/composer.tsx'
import { ConversationList } from './view/conversation-list.tsx'
import { ModelSelect } from './view/model-select.tsx'
import { Starters } from './view/starters.tsx'
import { Thread } from './view/thread.tsx'
import { words } from './words.ts'

export default function PlaygroundPage(): ReactNode {
  const say = useMessages(words)
  const [id] = useRoute().rest
  const conversation = useConversation(id)
  const isWide = useMedia('(min-width: 70rem)')
  const [isListOpen, setListOpen] = useState(false)
  useModelList()
  useEffect(() => openLibrary((messageId) => running.get().has(messageId)), [])
  const list = (
    <ConversationList
      current={typeof conversation === 'object' ? conversation.id : id}
      onOpen={() => setListOpen(false)}
    />
  )
  return (
    <Page title={say.title} isFull>
      <div className="pg">
        {isWide ? (
          <aside className="pg-side" aria-label={say.conversations}>
            {list}
          </aside>
        ) : (
          <Dialog
            title={say.conversations}
            isOpen={isListOpen}
            onClose={() => setListOpen(false)}
            place="side"
          >
            {list}
          </Dialog>
        )}
        {conversation === undefined && <Skeleton lines={6} />}
        {conversation === 'missing' && (
          <EmptyState
            title={say.missing}
            icon="chat"
            action={<Button onPress={() => go('playground')}>{say.newConversation}</Button>}
          >
            <p>{say.missingWhy}</p>
          </EmptyState>
        )}
        {typeof conversation === 'object' && (
          <Talk
            key={conversation.id}
            conversation={conversation}
            onShowList={isWide ? undefined : () => setListOpen(true)}
          />
        )}
      </div>
    </Page>
  )
}

interface TalkProps {
  readonly conversation: Conversation
  readonly onShowList: (() => void) | undefined
}

function Talk({ conversation, onShowList }: TalkProps): ReactNode {
  const say = useMessages(words)
  const { id, columns } = conversation
  const [text, setOnlyText] = useState(() => drafts.get(id) ?? '')
  const setText = (typed: string): void => {
    setOnlyText(typed)
    if (typed === '') drafts.delete(id)
    else drafts.set(id, typed)
  }
  const [issue, setIssue] = useState<Issue>()
  const [editing, setEditing] = useState<string>()
  const [activeId, setActive] = useState(columns[0]!.id)
  const [open, setOpen] = useState<'settings' | 'code'>()
  const hasRoom = useMedia('(min-width: 90rem)')
  const isNarrow = useMedia('(max-width: 48rem)')
  const field = useRef<HTMLTextAreaElement>(null)
  const sentAt = useRef(Number.NEGATIVE_INFINITY)
  const follows = useStore(running)
  const isBusy = [...follows.values()].some((each) => each.conversationId === id)
  const active = columns.find((column) => column.id === activeId) ?? columns[0]!
  const isEmpty = columns.every((column) => Object.keys(column.messages).length === 0)
  const set = (column: Column, settings: Partial<Column['settings']>): void => {
    setIssue(undefined)
    changeColumn(id, column.id, (now) => ({ ...now, settings: { ...now.settings, ...settings } }))
  }
  const send = (said: string): void => {
    const found = sayIn(id, said)
    setIssue(found)
    if (found !== undefined) return void setActive(found.columnId)
    sentAt.current = performance.now()
    setText('')
    go('playground', [id])
  }
  useEscape(isBusy, id)
  const keepFocus = useKeptFocus(field)
  const editLast = (): void => {
    const last = pathOf(active).findLast(({ role }) => role === 'user')
    if (last !== undefined) setEditing(last.id)
  }
  const turnProbabilities = (): void => {
    const isOn = active.settings.knobs.logprobs === true
    for (const column of columns) {
      const { logprobs: _, ...rest } = column.settings.knobs
      set(column, { knobs: isOn ? rest : { ...rest, logprobs: true } })
    }
  }
  const settings = (
    <SettingsPanel key={active.id} settings={active.settings} onChange={(changed) => set(active, changed)} />
  )
  const commands = useMemo(
    (): readonly Command[] => [
      { label: say.newConversation, icon: 'plus', onPress: () => go('playground') },
      { label: say.settings, icon: 'sliders', onPress: () => setOpen('settings') },
      { label: say.codeWhat, icon: 'code', onPress: () => setOpen('code') },
      { label: say.compare, icon: 'columns', onPress: () => addColumn(id) },
    ],
    [say, id],
  )
  useCommands(commands)
  const isShown = (column: Column): boolean => !isNarrow || column === active
  return (
    <>
      <div className="pg-main" {...keepFocus}>
        <div className="pg-bar">
          {onShowList !== undefined && (
            <Button kind="quiet" icon="menu" label={say.conversations} onPress={onShowList} />
          )}
          {columns.length === 1 ? (
            <ModelSelect value={active.settings.model} onChange={(model) => set(active, { model })} />
          ) : (
            <span className="pg-title">{conversation.title || say.untitled}</span>
          )}
          <span className="pg-bar-end">
            <Button
              kind="quiet"
              icon="columns"
              label={say.compareWhat}
              isDisabled={columns.length >= maxColumns}
              onPress={() => addColumn(id)}
            />
            <Button kind="quiet" icon="code" label={say.codeWhat} onPress={() => setOpen('code')} />
            <Button
              kind="quiet"
              icon="sliders"
              label={say.settings}
              isPressed={open === 'settings'}
              onPress={() => setOpen(open === 'settings' ? undefined : 'settings')}
            />
          </span>
        </div>
        {isNarrow && columns.length > 1 && (
          <Tabs
            label={say.columns}
            value={active.id}
            tabs={columns.map((column, index) => ({
              value: column.id,
              label: modelOf(column.settings) ?? say.column(index + 1),
            }))}
            onChange={setActive}
          />
        )}
        <div className="pg-columns">
          {columns.filter(isShown).map((column) => (
            <div key={column.id} className="pg-column" data-active={columns.length > 1 && column === active}>
              {columns.length > 1 && (
                <div className="pg-column-head">
                  <ModelSelect value={column.settings.model} onChange={(model) => set(column, { model })} />
                  <Button
                    kind="quiet"
                    size="small"
                    icon="sliders"
                    label={`${say.settings}: ${say.column(columns.indexOf(column) + 1)}`}
                    isPressed={open === 'settings' && column === active}
                    onPress={() => {
                      setActive(column.id)
                      setOpen('settings')
                    }}
                  />
                  <Button
                    kind="quiet"
                    size="small"
                    icon="close"
                    label={`${say.removeColumn}: ${columns.indexOf(column) + 1}`}
                    onPress={() => {
                      const undo = removeColumn(id, column.id)
                      toast({ text: say.columnRemoved, action: { label: say.undo, onPress: undo } })
                    }}
                  />
                </div>
              )}
              {isEmpty && column === columns[0] ? (
                <Starters
                  model={modelOf(column.settings)}
                  onAsk={(question, isExact) => {
                    for (const each of columns)
                      if (isExact && each.settings.knobs.temperature === undefined)
                        set(each, { knobs: { ...each.settings.knobs, temperature: 0 } })
                    send(question)
                  }}
                />
              ) : (
                <Thread
                  conversationId={id}
                  column={column}
                  label={
                    columns.length > 1
                      ? say.column(columns.indexOf(column) + 1)
                      : conversation.title || say.title
                  }
                  editing={editing}
                  onEdit={setEditing}
                  onError={setIssue}
                />
              )}
            </div>
          ))}
        </div>
        <Composer
          ref={field}
          text={text}
          onChange={setText}
          isBusy={isBusy}
          issue={issue}
          onSend={() => send(text)}
          onStop={() => {
            // The second press of a double one is for what stood there before.
            if (performance.now() - sentAt.current > 500) stop(id)
          }}
          onEditLast={editLast}
        >
          <Button
            kind="quiet"
            size="small"
            icon="eye"
            isPressed={active.settings.knobs.logprobs === true}
            onPress={turnProbabilities}
          >
            {say.probabilities}
          </Button>
        </Composer>
      </div>
      {hasRoom ? (
        open === 'settings' && (
          <aside className="pg-side pg-side-end" aria-label={say.settings}>
            <div className="pg-list-head">
              <h2>
                {columns.length > 1
                  ? `${say.settings}: ${say.column(columns.indexOf(active) + 1)}`
                  : say.settings}
              </h2>
              <Button kind="quiet" icon="close" label={say.close} onPress={() => setOpen(undefined)} />
            </div>
            {settings}
          </aside>
        )
      ) : (
        <Dialog
          title={say.settings}
          isOpen={open === 'settings'}
          onClose={() => setOpen(undefined)}
          place="side"
        >
          {settings}
        </Dialog>
      )}
      <CodeDialog
        column={active}
        unsent={text.trim()}
        isOpen={open === 'code'}
        onClose={() => setOpen(undefined)}
      />
    </>
  )
}

/** Escape stops generation, wherever the focus is, unless Escape closes something else first. */
function useEscape(isBusy: boolean, conversationId: string): void {
  useEffect(() => {
    if (!isBusy) return
    const listen = (event: KeyboardEvent): void => {
      const isOfOthers = event.defaultPrevented || document.querySelector('dialog[open]') !== null
      if (event.key === 'Escape' && !isOfOthers) stop(conversationId)
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [isBusy, conversationId])
}

/** Focuses the field below when the focused element is removed, such as a submitted form: not on phones, where a keyboard would open. */
function useKeptFocus(field: RefObject<HTMLTextAreaElement | null>): {
  readonly onFocus: () => void
  readonly onBlur: () => void
} {
  const isHere = useRef(false)
  // No dependencies: whatever was drawn may have taken something away.
  useLayoutEffect(() => {
    if (!isHere.current || document.activeElement !== document.body) return
    if (matchMedia('(hover: hover)').matches) field.current?.focus({ preventScroll: true })
  })
  return {
    onFocus: () => {
      isHere.current = true
    },
    // React fires no blur event for removed elements.
    onBlur: () => {
      isHere.current = false
    },
  }
}
