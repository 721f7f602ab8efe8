/**
 * Adapts messages to a template: what it does not support (tools, calls, results, a system message) becomes text of
 * messages that it does support. `message-variables.ts` then converts the messages to template variables.
 */

import type { Message, Tool } from '../conversation.ts'
import { json } from '../families/describe.ts'
import type { Family } from '../families/family.ts'
import type { Abilities } from './abilities.ts'

export function fitMessages(
  messages: readonly Message[],
  tools: readonly Tool[],
  family: Family,
  abilities: Abilities,
): readonly Message[] {
  let fitted: readonly Message[] = inCallOrder(named(messages))
  if (tools.length > 0 && !abilities.tools) fitted = withSystem(fitted, family.describe(tools))
  const { calls } = abilities
  // Some templates write either content or calls.
  fitted = fitted.map((message) =>
    calls === undefined || (calls.noContent === null && message.content !== '')
      ? callsAsText(message, family)
      : message,
  )
  if (calls?.parallel === false) fitted = oneCallEach(fitted)
  if (!abilities.results) fitted = resultsAsText(fitted)
  if (!abilities.system) fitted = systemAsText(fitted)
  return fitted
}

/** Adds function names to results: some templates write them. */
function named(messages: readonly Message[]): Message[] {
  const names = new Map<string, string>()
  return messages.map((message) => {
    for (const { id, name } of message.toolCalls ?? []) names.set(id, name)
    const name = message.name ?? (message.role === 'tool' ? names.get(message.toolCallId ?? '') : undefined)
    return name === undefined ? message : { ...message, name }
  })
}

/** Sorts the results of one message in the order of its calls: templates that write no ids rely on it. */
function inCallOrder(messages: readonly Message[]): readonly Message[] {
  const ordered = [...messages]
  let places = new Map<string, number>()
  for (let at = 0; at < ordered.length; ) {
    const { role, toolCalls = [] } = ordered[at]!
    if (role === 'assistant') places = new Map(toolCalls.map(({ id }, place) => [id, place]))
    let end = at
    while (ordered[end]?.role === 'tool') end += 1
    const place = ({ toolCallId = '' }: Message): number => places.get(toolCallId) ?? places.size
    const results = ordered.slice(at, end).sort((a, b) => place(a) - place(b))
    ordered.splice(at, results.length, ...results)
    at = Math.max(end, at + 1)
  }
  return ordered
}

function withSystem(messages: readonly Message[], text: string): Message[] {
  const [first, ...rest] = messages
  if (first?.role !== 'system') return [{ role: 'system', content: text }, ...messages]
  return [{ ...first, content: joined(first.content, text) }, ...rest]
}

function callsAsText(message: Message, family: Family): Message {
  const { toolCalls, ...rest } = message
  if (toolCalls === undefined || toolCalls.length === 0) return rest
  return { ...rest, content: joined(message.content, family.writeCalls(toolCalls)) }
}

/** Splits messages with several calls into one per call, each followed by its result. */
function oneCallEach(messages: readonly Message[]): Message[] {
  const all: Message[] = []
  let taken = new Set<Message>()
  for (const [at, message] of messages.entries()) {
    if (taken.has(message)) continue
    const { toolCalls = [] } = message
    if (toolCalls.length < 2) {
      all.push(message)
      continue
    }
    let end = at + 1
    while (messages[end]?.role === 'tool') end += 1
    const results = messages.slice(at + 1, end)
    taken = new Set(results)
    const { reasoning: _, ...bare } = message
    for (const [k, call] of toolCalls.entries()) {
      all.push({ ...(k === 0 ? message : { ...bare, content: '' }), toolCalls: [call] })
      all.push(...results.filter(({ toolCallId }) => toolCallId === call.id))
    }
    const ids = new Set(toolCalls.map(({ id }) => id))
    all.push(...results.filter(({ toolCallId }) => toolCallId === undefined || !ids.has(toolCallId)))
  }
  return all
}

/** Converts results to user messages, consecutive ones merged: many templates require alternating roles. */
function resultsAsText(messages: readonly Message[]): Message[] {
  const all: Message[] = []
  let open = false
  for (const message of messages) {
    const isResult = message.role === 'tool'
    const said: Message = isResult ? { role: 'user', content: resultText(message) } : message
    const last = all.at(-1)
    if (open && said.role === 'user' && last !== undefined)
      all[all.length - 1] = { ...last, content: joined(last.content, said.content) }
    else all.push(said)
    open = isResult
  }
  return all
}

const resultText = ({ name, content }: Message): string => json({ tool_response: { name, content } })

/** Prepends system messages to the next user message. */
function systemAsText(messages: readonly Message[]): Message[] {
  const all: Message[] = []
  let waiting: string | undefined
  for (const message of messages) {
    if (message.role === 'system')
      waiting = waiting === undefined ? message.content : joined(waiting, message.content)
    else if (waiting !== undefined && message.role === 'user') {
      all.push({ ...message, content: joined(waiting, message.content) })
      waiting = undefined
    } else all.push(message)
  }
  if (waiting !== undefined) all.push({ role: 'user', content: waiting })
  return all
}

const joined = (first: string, second: string): string =>
  first === '' || second === '' ? first + second : `${first}\n\n${second}`
