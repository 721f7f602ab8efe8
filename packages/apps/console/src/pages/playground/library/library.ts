/**
 * Conversations of this browser: open ones in memory, others in the database. Changes are saved soon after; if that fails, the page reports
 * it and continues in memory.
 */

import { createStore, type Store } from '../../../store.ts'
import { type Conversation, textOf } from '../conversation.ts'
import { settled, thinned, together } from '../thread.ts'
import { ConversationDatabase, type Stored, type Summary, summaryOf } from './database.ts'

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

/** Milliseconds from a change until it is written: of an answer that grows, or of settings that are being typed. */
const saveDelay = 400
/** Opened conversations kept in memory while not shown. Others are dropped and read again on demand. */
const maxOpened = 20
const revisions = new Map<string, number>()
/** Changed since they were last written; all of them, where the browser keeps nothing. */
const unsaved = new Set<string>()
/** The one that is being written. */
let writing: string | undefined
let saving: Promise<void> = Promise.resolve()
let timer: ReturnType<typeof setTimeout> | undefined
let database: Promise<ConversationDatabase | undefined> | undefined
let channel: BroadcastChannel | undefined
/** Messages that this tab is following. */
let isFollowed: (messageId: string) => boolean = () => false

/** Loads stored conversations once; `follows` returns whether this tab follows a message. */
export function openLibrary(follows: (messageId: string) => boolean): void {
  isFollowed = follows
  void opening()
}

/** Undefined where the browser keeps nothing. */
async function opening(): Promise<ConversationDatabase | undefined> {
  if (channel === undefined) {
    channel = new BroadcastChannel('hadal.playground')
    channel.onmessage = ({ data }) => void heard(String(data))
    // On a phone a tab that is hidden may never be heard of again.
    document.addEventListener('visibilitychange', () => void save())
    addEventListener('pagehide', () => void save())
  }
  database ??= begin()
  const first = database
  // Closed by the browser, or because a newer page wanted it.
  if ((await first)?.isClosed && database === first) database = begin()
  return database
}

async function begin(): Promise<ConversationDatabase | undefined> {
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

/** Conversations from before the database opened. */
const fresh = (): Summary[] => Object.values(opened.get()).filter(hasMessages).map(summaryOf)

/** Opens a conversation for display and unloads the least recently updated ones. False if the id does not exist. */
export async function openConversation(id: string): Promise<boolean> {
  const isThere = await read(id)
  if (isThere) letGoBut(id)
  return isThere
}

function letGoBut(id: string): void {
  const { [id]: shown, ...others } = opened.get()
  const spare = Object.values(others)
    .filter((each) => revisions.has(each.id) && !isAtWork(each))
    .toSorted((a, b) => b.updatedAt - a.updatedAt)
    .slice(maxOpened)
  if (shown === undefined || spare.length === 0) return
  const gone = new Set(spare.map((each) => each.id))
  for (const each of gone) revisions.delete(each)
  opened.set((all) => Object.fromEntries(Object.entries(all).filter(([key]) => !gone.has(key))))
}

/** False if the id does not exist. */
async function read(id: string): Promise<boolean> {
  if (opened.get()[id] !== undefined) return true
  const stored = await (await opening())?.get(id).catch(() => undefined)
  if (stored === undefined) return false
  // A concurrent call may have opened it meanwhile, and changed it since.
  if (opened.get()[id] !== undefined) return true
  revisions.set(id, stored.revision)
  keep(ended(stored.conversation))
  return true
}

/** A conversation without messages, if there is one. */
export const blankConversation = (): Conversation | undefined =>
  Object.values(opened.get()).find((each) => each.title === '' && !hasMessages(each))

export function keep(conversation: Conversation): void {
  opened.set((all) => ({ ...all, [conversation.id]: conversation }))
}

/** Does nothing if it was removed meanwhile. */
export function changeConversation(id: string, change: (now: Conversation) => Conversation): void {
  const before = opened.get()[id]
  if (before === undefined) return
  const changed = change(before)
  if (changed === before) return
  const conversation = { ...changed, updatedAt: Date.now() }
  keep(conversation)
  if (!hasMessages(conversation) && !hasMessages(before)) return
  unsaved.add(id)
  if (isSaid(before, changed) && !follows(before)) return void save()
  timer ??= setTimeout(() => void save(), saveDelay)
}

/** Whether messages were added or removed: a reload a moment later must not lose what the user typed. */
const isSaid = (before: Conversation, after: Conversation): boolean =>
  after.columns.some(({ messages }, index) => messages !== before.columns[index]?.messages)

/** Returns the removed conversation for undo: see `addConversations`. */
export async function removeConversation(id: string): Promise<Conversation | undefined> {
  await read(id)
  const removed = opened.get()[id]
  unsaved.delete(id)
  revisions.delete(id)
  opened.set(({ [id]: _, ...rest }) => rest)
  list((library.get().summaries ?? []).filter((each) => each.id !== id))
  await (await opening())?.delete(id).catch(() => undefined)
  channel?.postMessage(id)
  return removed
}

/** Adds conversations from a file, or restored ones. */
export function addConversations(conversations: readonly Conversation[]): void {
  for (const conversation of conversations) {
    // Responses that were streaming at removal do not resume.
    keep(ended(conversation))
    unsaved.add(conversation.id)
  }
  void save()
}

export async function renameConversation(id: string, title: string): Promise<void> {
  if (await read(id)) changeConversation(id, (now) => ({ ...now, title, isRenamed: true }))
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

/** Ends answers that no tab follows: the same object when there are none. */
function ended(conversation: Conversation): Conversation {
  const columns = conversation.columns.map((column) => settled(column, isFollowed))
  return columns.every((column, index) => column === conversation.columns[index])
    ? conversation
    : { ...conversation, columns }
}

function list(summaries: readonly Summary[]): void {
  const sorted = summaries.toSorted((a, b) => b.updatedAt - a.updatedAt)
  library.set((now) => ({ ...now, summaries: sorted }))
}

function report(problem: LibraryState['problem']): void {
  library.set((now) => (now.problem === problem ? now : { ...now, problem }))
}

/** One after another: the revision after the previous save shows whether another tab wrote in between. */
function save(): Promise<void> {
  clearTimeout(timer)
  timer = undefined
  if (unsaved.size === 0) return saving
  const changed = [...unsaved].flatMap((id) => opened.get()[id] ?? [])
  const others = (library.get().summaries ?? []).filter(({ id }) => !unsaved.has(id))
  list([...changed.map(summaryOf), ...others])
  saving = saving.then(write)
  return saving
}

async function write(): Promise<void> {
  const open = await opening()
  if (open === undefined) return
  for (const id of [...unsaved]) {
    unsaved.delete(id)
    const conversation = opened.get()[id]
    if (conversation === undefined) continue
    writing = id
    try {
      const written = thinned(conversation, isFollowed)
      const { stored, isMerged } = await open.put(written, revisions.get(id) ?? 0)
      const now = opened.get()[id]
      if (now === undefined) continue
      revisions.set(id, stored.revision)
      // What another tab said meanwhile is shown here, too.
      if (isMerged) keep(together(now, stored.conversation))
      channel?.postMessage(id)
      report(undefined)
    } catch {
      // It stays in memory, and is tried again with the next change.
      if (opened.get()[id] !== undefined) unsaved.add(id)
      report('full')
    } finally {
      writing = undefined
    }
  }
}

/** Another tab wrote or removed it. */
async function heard(id: string): Promise<void> {
  const open = await opening()
  if (open === undefined) return
  let stored: Stored | undefined
  try {
    stored = await open.get(id)
  } catch {
    return
  }
  const mine = opened.get()[id]
  // Changes made here too are merged with theirs on the next write.
  const isOurs = mine !== undefined && isAtWork(mine)
  const others = (library.get().summaries ?? []).filter((each) => each.id !== id)
  if (stored === undefined) {
    if (isOurs) return
    revisions.delete(id)
    opened.set(({ [id]: _, ...rest }) => rest)
    return list(others)
  }
  list([summaryOf(stored.conversation), ...others])
  if (mine === undefined || isOurs || stored.revision <= (revisions.get(id) ?? 0)) return
  revisions.set(id, stored.revision)
  keep(stored.conversation)
  awaitMore(id)
}

/** Milliseconds of silence from another tab, after which its answers count as not followed any more. */
const longestSilence = 15_000
const silences = new Map<string, ReturnType<typeof setTimeout>>()

/** An answer that another tab follows ends here, too, where that tab was closed over it. */
function awaitMore(id: string): void {
  clearTimeout(silences.get(id))
  silences.delete(id)
  const isOpen = (now: Conversation | undefined): boolean => now !== undefined && ended(now) !== now
  if (!isOpen(opened.get()[id])) return
  const settle = (): void => {
    silences.delete(id)
    const now = opened.get()[id]
    if (now !== undefined && !isAtWork(now)) keep(ended(now))
  }
  silences.set(id, setTimeout(settle, longestSilence))
}

/** Something of it is still to be written. */
const isAtWork = (conversation: Conversation): boolean =>
  unsaved.has(conversation.id) || writing === conversation.id || follows(conversation)

const follows = ({ columns }: Conversation): boolean =>
  columns.some(({ messages }) => Object.keys(messages).some(isFollowed))
