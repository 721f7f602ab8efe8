/**
 * User actions on a conversation, and responses in progress, which continue in the background. Operations on the data are in thread.ts,
 * requests in stream-answer.ts.
 */

import { createStore, type Store } from '../../store.ts'
import type { Column, Conversation, Message, ToolResultPart } from './conversation.ts'
import { everyFrame } from './every-frame.ts'
import { changeConversation, keep, opened } from './library/library.ts'
import { modelOf } from './models.ts'
import { newId } from './new-id.ts'
import { type RequestBody, requestBody, type SettingsIssue } from './request-body.ts'
import { defaultSettings, type Settings } from './settings/settings.ts'
import { streamAnswer } from './stream-answer.ts'
import { add, merge, pathOf, pathTo, remove, replace, settled } from './thread.ts'

export interface Running {
  readonly conversationId: string
  readonly columnId: string
  readonly stop: () => void
}

/** By the id of the message. */
export const running: Store<ReadonlyMap<string, Running>> = createStore<ReadonlyMap<string, Running>>(
  new Map(),
)
/** Server notes on responses that have not started, by message id. */
export const notes: Store<ReadonlyMap<string, string>> = createStore<ReadonlyMap<string, string>>(new Map())

/** Unsent text by conversation id, kept while the page is open. */
export const drafts: Map<string, string> = new Map()

export interface Issue extends SettingsIssue {
  readonly columnId: string
}

export const maxColumns = 4

/** Not listed until it has a message. */
export function beginConversation(settings: Settings = defaultSettings): string {
  const id = newId()
  const now = Date.now()
  keep({
    id,
    title: '',
    isRenamed: false,
    createdAt: now,
    updatedAt: now,
    columns: [{ id: newId(), settings, messages: {}, chosen: {} }],
  })
  return id
}

/** Sends to all columns. If the settings of one cannot be sent, nothing is sent anywhere. */
export function say(conversationId: string, text: string): Issue | undefined {
  const conversation = opened.get()[conversationId]
  if (conversation === undefined) return undefined
  const issue = issueIn(conversation.columns)
  if (issue !== undefined) return issue
  const id = newId()
  changeConversation(conversationId, (now) => ({
    ...named(now, text),
    columns: now.columns.map((column) => add(column, requested(id, pathOf(column).at(-1)?.id ?? '', text))),
  }))
  for (const column of conversation.columns) ask(conversationId, column.id, id)
  return undefined
}

/** Another version of a question, in each column that has it, with new answers; of an answer a version by hand. */
export function edit(
  conversationId: string,
  columnId: string,
  message: Message,
  text: string,
): Issue | undefined {
  const conversation = opened.get()[conversationId]
  if (conversation === undefined) return undefined
  const id = newId()
  if (message.role !== 'user') {
    const { model, expects } = message
    const written: Message = {
      ...requested(id, message.parent, text),
      role: 'assistant',
      ...(model !== undefined && { model }),
      ...(expects !== undefined && { expects }),
    }
    changeColumn(conversationId, columnId, (column) => add(column, written))
    return undefined
  }
  const columns = conversation.columns.filter(({ messages }) => messages[message.id] !== undefined)
  const issue = issueIn(columns)
  if (issue !== undefined) return issue
  for (const column of columns) {
    const { parent } = column.messages[message.id]!
    changeColumn(conversationId, column.id, (now) => add(now, requested(id, parent, text)))
    ask(conversationId, column.id, id)
  }
  return undefined
}

/** Another version of an answer. */
export function again(conversationId: string, columnId: string, message: Message): Issue | undefined {
  const from = message.role === 'assistant' ? message.parent : message.id
  return ask(conversationId, columnId, from)
}

/** Continues a response from its end. */
export function goOn(conversationId: string, columnId: string, message: Message): Issue | undefined {
  const { finishReason: _, error: __, timeline: ___, usage: ____, ...rest } = message
  return ask(conversationId, columnId, message.id, { ...rest, state: 'waiting' })
}

export function answerCalls(
  conversationId: string,
  columnId: string,
  message: Message,
  results: readonly ToolResultPart[],
): Issue | undefined {
  const id = newId()
  const answer: Message = { ...requested(id, message.id, ''), role: 'tool', parts: results }
  changeColumn(conversationId, columnId, (column) => add(column, answer))
  return ask(conversationId, columnId, id)
}

/** Removes a message and all that follow. Returns an undo function. */
export function forget(conversationId: string, columnId: string, message: Message): () => void {
  const before = columnOf(conversationId, columnId)
  const followed = running.get().get(message.id)
  if (followed?.columnId === columnId) followed.stop()
  changeColumn(conversationId, columnId, (column) => remove(column, message.id))
  return () => {
    if (before !== undefined)
      changeColumn(conversationId, columnId, (now) => ({
        ...settled(merge(before, now), (id) => running.get().has(id)),
        settings: now.settings,
      }))
  }
}

const columnOf = (conversationId: string, columnId: string): Column | undefined =>
  opened.get()[conversationId]?.columns.find(({ id }) => id === columnId)

export function stop(conversationId: string): void {
  for (const each of running.get().values()) if (each.conversationId === conversationId) each.stop()
}

export function changeColumn(
  conversationId: string,
  columnId: string,
  change: (column: Column) => Column,
): void {
  changeConversation(conversationId, (conversation) => {
    const columns = conversation.columns.map((column) => (column.id === columnId ? change(column) : column))
    return columns.every((column, index) => column === conversation.columns[index])
      ? conversation
      : { ...conversation, columns }
  })
}

/** Another column that heard what the last one heard. */
export function addColumn(conversationId: string): void {
  changeConversation(conversationId, (conversation) => {
    const last = conversation.columns.at(-1)!
    if (conversation.columns.length >= maxColumns) return conversation
    // What the last one is still being answered is not the new one's.
    const copy = { ...settled(last, () => false), id: newId() }
    return { ...conversation, columns: [...conversation.columns, copy] }
  })
}

/** Returns an undo function. */
export function removeColumn(conversationId: string, columnId: string): () => void {
  for (const each of running.get().values())
    if (each.conversationId === conversationId && each.columnId === columnId) each.stop()
  const before = columnOf(conversationId, columnId)
  changeConversation(conversationId, (conversation) => ({
    ...conversation,
    columns: conversation.columns.filter(({ id }) => id !== columnId),
  }))
  return () =>
    changeConversation(conversationId, (now) =>
      before === undefined || columnOf(conversationId, columnId) !== undefined
        ? now
        : { ...now, columns: [...now.columns, settled(before, () => false)] },
    )
}

/** Request body of the last question, or of the unsent text; for copying. */
export function bodyOf(column: Column, unsent: string): ReturnType<typeof requestBody> {
  const path = pathOf(column)
  const before = path.at(-1)?.role === 'assistant' && unsent === '' ? path.slice(0, -1) : path
  const isNothing = before.length === 0 && unsent === ''
  const said = unsent === '' && !isNothing ? before : [...before, requested('', '', unsent || 'Hello')]
  return requestBody(column.settings, said, modelOf(column.settings))
}

function ask(conversationId: string, columnId: string, parent: string, draft?: Message): Issue | undefined {
  const column = columnOf(conversationId, columnId)
  if (column === undefined) return undefined
  const model = modelOf(column.settings)
  const built = requestBody(column.settings, pathTo(column, parent), model)
  if (built.issue !== undefined) return { ...built.issue, columnId }
  const count = draft === undefined ? Number(built.body.n ?? 1) : 1
  const drafts =
    draft === undefined ? Array.from({ length: count }, () => waiting(parent, model, built.body)) : [draft]
  for (const each of drafts)
    changeColumn(conversationId, columnId, (now) =>
      draft === undefined ? add(now, each) : replace(now, each),
    )
  void follow(
    conversationId,
    columnId,
    drafts,
    draft === undefined ? built.body : { ...built.body, n: undefined },
  )
  return undefined
}

async function follow(
  conversationId: string,
  columnId: string,
  drafts: readonly Message[],
  body: RequestBody,
): Promise<void> {
  const stopping = new AbortController()
  const ids = drafts.map(({ id }) => id)
  const entry: Running = { conversationId, columnId, stop: () => stopping.abort() }
  running.set((now) => new Map([...now, ...ids.map((id) => [id, entry] as const)]))
  let current: () => readonly Message[] = () => drafts
  const show = (): void =>
    changeColumn(conversationId, columnId, (column) => current().reduce(replace, column))
  const frame = everyFrame(show)
  await streamAnswer({
    body,
    drafts,
    signal: stopping.signal,
    onChange: (messages) => {
      current = messages
      frame.want()
    },
    onNote: (text) => notes.set((now) => new Map([...now, ...ids.map((id) => [id, text] as const)])),
  })
  frame.cancel()
  const without = <T>(now: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...now].filter(([id]) => !ids.includes(id)))
  running.set(without)
  notes.set(without)
  show()
}

function issueIn(columns: readonly Column[]): Issue | undefined {
  for (const column of columns) {
    const { issue } = requestBody(column.settings, [], undefined)
    if (issue !== undefined) return { ...issue, columnId: column.id }
  }
  return undefined
}

const requested = (id: string, parent: string, text: string): Message => ({
  id,
  parent,
  role: 'user',
  parts: [{ type: 'text', text }],
  state: 'done',
  createdAt: Date.now(),
})

function waiting(parent: string, model: string | undefined, body: RequestBody): Message {
  const format = body.response_format as { type: string; json_schema?: { schema: unknown } } | undefined
  const isJson = format?.type === 'json_object' || format?.type === 'json_schema'
  return {
    id: newId(),
    parent,
    role: 'assistant',
    parts: [],
    state: 'waiting',
    createdAt: Date.now(),
    ...(model !== undefined && { model }),
    ...(isJson && {
      expects: {
        kind: 'json',
        ...(format.json_schema !== undefined && { schema: format.json_schema.schema }),
      },
    }),
  }
}

/** A conversation is called after its first question. */
function named(conversation: Conversation, text: string): Conversation {
  if (conversation.isRenamed || conversation.title !== '') return conversation
  const line = text.trim().split('\n', 1)[0] ?? ''
  return { ...conversation, title: line.length > 80 ? `${line.slice(0, 79)}…` : line }
}
