/** Operations on a column's message tree. Pure: each returns a new column and shares unchanged objects. */

import type { Column, Conversation, Message, Part, ReasoningPart, TextPart } from './conversation.ts'

/** From the first message to the last that is shown. */
export function pathOf({ messages, chosen }: Column): Message[] {
  const path: Message[] = []
  for (let id = chosen['']; id !== undefined && path.length <= 10_000; ) {
    const message = messages[id]
    if (message === undefined) break
    path.push(message)
    id = chosen[id]
  }
  return path
}

/** From the first message down to this one, whether it is shown or not. */
export function pathTo({ messages }: Column, id: string): Message[] {
  const path: Message[] = []
  for (let at = messages[id]; at !== undefined && path.length <= 10_000; at = messages[at.parent])
    path.unshift(at)
  return path
}

/** Adds it below its parent, and shows it. */
export function add(column: Column, message: Message): Column {
  return {
    ...column,
    messages: { ...column.messages, [message.id]: message },
    chosen: { ...column.chosen, [message.parent]: message.id },
  }
}

/** Puts another in the place of the one with its id; nothing happens where that was deleted meanwhile. */
export function replace(column: Column, message: Message): Column {
  if (column.messages[message.id] === undefined) return column
  return { ...column, messages: { ...column.messages, [message.id]: message } }
}

/** Shows this version among its siblings. */
export function choose(column: Column, { parent, id }: Pick<Message, 'parent' | 'id'>): Column {
  return { ...column, chosen: { ...column.chosen, [parent]: id } }
}

/** Removes a message and all that follows it; a sibling version is shown instead, if there is one. */
export function remove(column: Column, id: string): Column {
  const gone = column.messages[id]
  if (gone === undefined) return column
  const below = new Set([id])
  // Children come after their parents: one pass finds them all.
  for (const message of Object.values(column.messages)) if (below.has(message.parent)) below.add(message.id)
  const messages = Object.fromEntries(Object.entries(column.messages).filter(([key]) => !below.has(key)))
  const chosen = Object.fromEntries(
    Object.entries(column.chosen).filter(([parent, child]) => !below.has(parent) && !below.has(child)),
  )
  const beside = Object.values(messages).findLast((message) => message.parent === gone.parent)
  if (chosen[gone.parent] === undefined && beside !== undefined) chosen[gone.parent] = beside.id
  return { ...column, messages, chosen }
}

/** What both have: for two tabs that wrote at the same time. Of a message that differs, the one that got further stays. */
export function merge(mine: Column, theirs: Column): Column {
  const messages: Record<string, Message> = { ...theirs.messages }
  for (const [id, message] of Object.entries(mine.messages)) {
    const other = messages[id]
    messages[id] = other !== undefined && progress(other) > progress(message) ? other : message
  }
  return { ...mine, messages, chosen: { ...theirs.chosen, ...mine.chosen } }
}

/** Merges the versions of two tabs: with the columns of both, so that no message is lost. */
export function together(mine: Conversation, theirs: Conversation): Conversation {
  const columns = mine.columns.map((column) => {
    const other = theirs.columns.find(({ id }) => id === column.id)
    return other === undefined ? column : merge(column, other)
  })
  const added = theirs.columns.filter(({ id }) => !mine.columns.some((column) => column.id === id))
  const { title, isRenamed } = mine.isRenamed || !theirs.isRenamed ? mine : theirs
  return { ...mine, columns: [...columns, ...added], title, isRenamed }
}

function progress({ state, parts }: Message): number {
  const length = parts.reduce((sum, part) => sum + ('text' in part ? part.text : part.arguments).length, 0)
  return length + (state === 'done' || state === 'failed' ? 1e9 : 0)
}

/** Maximum tokens of a response stored with probabilities: writing more at once would block the page. */
const maxKeptTokens = 2000

/** The stored form: without the token probabilities of responses that are long or still being followed. */
export function thinned(conversation: Conversation, isFollowed: (id: string) => boolean): Conversation {
  const thin = (message: Message): Message => {
    const count = message.parts.reduce((sum, part) => sum + tokensIn(part), 0)
    if (count === 0 || (count <= maxKeptTokens && !isFollowed(message.id))) return message
    const parts = message.parts.map((part): Part => {
      if (tokensIn(part) === 0) return part
      const { tokens: _, ...rest } = part as TextPart | ReasoningPart
      return rest
    })
    return { ...message, parts }
  }
  const columns = conversation.columns.map((column) => ({
    ...column,
    messages: Object.fromEntries(Object.entries(column.messages).map(([id, message]) => [id, thin(message)])),
  }))
  return { ...conversation, columns }
}

const tokensIn = (part: Part): number => ('tokens' in part ? (part.tokens?.length ?? 0) : 0)

/** Marks responses as `stopped` if their page was closed while they streamed. */
export function settled(column: Column, isRunning: (id: string) => boolean): Column {
  const open = Object.values(column.messages).filter(
    ({ id, state }) => (state === 'waiting' || state === 'streaming') && !isRunning(id),
  )
  return open.reduce((now, message) => replace(now, { ...message, state: 'stopped' }), column)
}
