/**
 * The conversations of this browser: those that are open in memory, all others in its database. What changes is written
 * soon after; where it cannot be written the page says so and goes on in memory. Knows nothing of servers.
 */

import { createStore, type Store } from '../../../store.ts'
import { type Conversation, textOf } from '../conversation.ts'
import { settled, thinned, together } from '../thread.ts'
import { ConversationDatabase, type Summary, summaryOf } from './database.ts'

export interface LibraryState {
  /** The newest first; undefined until they were read. */
  readonly summaries: readonly Summary[] | undefined
  /** Why conversations are gone with this tab: the browser keeps nothing, or its disk is full. */
  readonly problem: 'unavailable' | 'full' | undefined
}

export const library: Store<LibraryState> = createStore<LibraryState>({
  summaries: undefined,
  problem: undefined,
})

/** Those that were opened, by id. */
export const opened: Store<Readonly<Record<string, Conversation>>> = createStore<
  Readonly<Record<string, Conversation>>
>({})

/** Milliseconds from a change until it is written. */
const saveDelay = 400
const revisions = new Map<string, number>()
const unsaved = new Set<string>()
let timer: ReturnType<typeof setTimeout> | undefined
let database: Promise<ConversationDatabase | undefined> | undefined
let channel: BroadcastChannel | undefined
/** Messages that this tab is following. */
let isFollowed: (messageId: string) => boolean = () => false

/** Reads what there is, once; `follows` says which messages this tab is following. */
export function openLibrary(follows: (messageId: string) => boolean): void {
  isFollowed = follows
  void opening()
}

/** Undefined where the browser keeps nothing. */
function opening(): Promise<ConversationDatabase | undefined> {
  database ??= begin()
  return database
}

async function begin(): Promise<ConversationDatabase | undefined> {
  channel = new BroadcastChannel('hadal.playground')
  channel.onmessage = ({ data }) => void heard(String(data))
  addEventListener('pagehide', () => void save())
  try {
    const open = await ConversationDatabase.open()
    const stored = await open.summaries()
    list([...fresh(), ...stored.filter(({ id }) => opened.get()[id] === undefined)])
    return open
  } catch {
    report('unavailable')
    list(fresh())
    return undefined
  }
}

/** What was said before the database was there. */
const fresh = (): Summary[] => Object.values(opened.get()).filter(hasMessages).map(summaryOf)

/** False where there is none of that id. */
export async function openConversation(id: string): Promise<boolean> {
  if (opened.get()[id] !== undefined) return true
  const stored = await (await opening())?.get(id).catch(() => undefined)
  if (stored === undefined) return false
  revisions.set(id, stored.revision)
  keep(ended(stored.conversation))
  return true
}

export function keep(conversation: Conversation): void {
  opened.set((all) => ({ ...all, [conversation.id]: conversation }))
}

/** Nothing happens where it was removed meanwhile. */
export function changeConversation(id: string, change: (now: Conversation) => Conversation): void {
  const before = opened.get()[id]
  if (before === undefined) return
  const changed = change(before)
  if (changed === before) return
  const conversation = { ...changed, updatedAt: Date.now() }
  keep(conversation)
  if (!hasMessages(conversation)) return
  unsaved.add(id)
  timer ??= setTimeout(() => void save(), saveDelay)
}

/** What was removed, for those who want it back: see `addConversations`. */
export async function removeConversation(id: string): Promise<Conversation | undefined> {
  await openConversation(id)
  const removed = opened.get()[id]
  unsaved.delete(id)
  revisions.delete(id)
  opened.set(({ [id]: _, ...rest }) => rest)
  list((library.get().summaries ?? []).filter((each) => each.id !== id))
  await (await opening())?.delete(id).catch(() => undefined)
  channel?.postMessage(id)
  return removed
}

/** Of a file, or brought back. */
export function addConversations(conversations: readonly Conversation[]): void {
  for (const conversation of conversations) {
    keep(conversation)
    unsaved.add(conversation.id)
  }
  void save()
}

export async function renameConversation(id: string, title: string): Promise<void> {
  if (await openConversation(id)) changeConversation(id, (now) => ({ ...now, title, isRenamed: true }))
}

/** All there are, for an export. */
export async function everyConversation(): Promise<Conversation[]> {
  const found = new Map(Object.entries(opened.get()).filter(([, each]) => hasMessages(each)))
  await (await opening())
    ?.each((conversation) => {
      if (!found.has(conversation.id)) found.set(conversation.id, conversation)
      return true
    })
    .catch(() => undefined)
  return [...found.values()]
}

/** Ids of those that say this anywhere, in whatever case. */
export async function searchConversations(text: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const wanted = text.toLocaleLowerCase()
  const found = new Set<string>()
  const look = (conversation: Conversation): boolean => {
    if (says(conversation, wanted)) found.add(conversation.id)
    return !signal.aborted
  }
  Object.values(opened.get()).forEach(look)
  await (await opening())?.each(look).catch(() => undefined)
  return found
}

const says = ({ title, columns }: Conversation, wanted: string): boolean =>
  title.toLocaleLowerCase().includes(wanted) ||
  columns.some(({ messages }) =>
    Object.values(messages).some((message) => textOf(message).toLocaleLowerCase().includes(wanted)),
  )

const hasMessages = ({ columns }: Conversation): boolean =>
  columns.some(({ messages }) => Object.keys(messages).length > 0)

const ended = (conversation: Conversation): Conversation => ({
  ...conversation,
  columns: conversation.columns.map((column) => settled(column, isFollowed)),
})

function list(summaries: readonly Summary[]): void {
  const sorted = summaries.toSorted((a, b) => b.updatedAt - a.updatedAt)
  library.set((now) => ({ ...now, summaries: sorted }))
}

function report(problem: LibraryState['problem']): void {
  library.set((now) => (now.problem === problem ? now : { ...now, problem }))
}

async function save(): Promise<void> {
  clearTimeout(timer)
  timer = undefined
  const changed = [...unsaved].flatMap((id) => opened.get()[id] ?? [])
  unsaved.clear()
  if (changed.length === 0) return
  const ids = new Set(changed.map(({ id }) => id))
  const others = (library.get().summaries ?? []).filter(({ id }) => !ids.has(id))
  list([...changed.map(summaryOf), ...others])
  const open = await opening()
  if (open === undefined) return
  for (const { id } of changed) {
    const conversation = opened.get()[id]
    if (conversation === undefined) continue
    try {
      const written = thinned(conversation, isFollowed)
      const { stored, isMerged } = await open.put(written, revisions.get(id) ?? 0)
      revisions.set(id, stored.revision)
      const now = opened.get()[id]
      // What another tab said meanwhile is shown here, too.
      if (isMerged && now !== undefined) keep(together(now, stored.conversation))
      channel?.postMessage(id)
      report(undefined)
    } catch {
      // It stays in memory, and is tried again with the next change.
      report('full')
    }
  }
}

/** Another tab wrote or removed it. */
async function heard(id: string): Promise<void> {
  const open = await opening()
  const stored = await open?.get(id).catch(() => undefined)
  const others = (library.get().summaries ?? []).filter((each) => each.id !== id)
  if (stored === undefined) {
    if (unsaved.has(id)) return
    opened.set(({ [id]: _, ...rest }) => rest)
    return list(others)
  }
  list([summaryOf(stored.conversation), ...others])
  const mine = opened.get()[id]
  if (mine === undefined || unsaved.has(id) || follows(mine)) return
  revisions.set(id, stored.revision)
  keep(stored.conversation)
}

const follows = ({ columns }: Conversation): boolean =>
  columns.some(({ messages }) => Object.keys(messages).some(isFollowed))
