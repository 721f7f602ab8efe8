/** Import and export of conversations. Imports are untrusted: everything is validated, and unknown fields are dropped. */

import type { Column, Conversation, Message, Part } from '../conversation.ts'
import { knobOf } from '../knobs.ts'
import { defaultSettings, type FormatSettings, type KnobValue, type Settings } from '../settings/settings.ts'

/** Grows where older pages could not read what newer ones write. */
const version = 1
/** Largest file to import, in bytes. */
export const longestImport = 100_000_000

export function exported(conversations: readonly Conversation[]): string {
  return `${JSON.stringify({ format: 'hadal.conversations', version, conversations }, null, 1)}\n`
}

export type ImportIssue = 'not_json' | 'not_ours' | 'newer' | 'too_long'
export type Imported =
  | { readonly conversations: readonly Conversation[]; readonly issue?: undefined }
  | { readonly conversations?: undefined; readonly issue: ImportIssue }

/** Each gets a new id: nothing existing is overwritten. */
export function imported(text: string, newId: () => string): Imported {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch {
    return { issue: 'not_json' }
  }
  if (!isRecord(file) || file.format !== 'hadal.conversations' || !Array.isArray(file.conversations))
    return { issue: 'not_ours' }
  if (typeof file.version !== 'number' || file.version > version) return { issue: 'newer' }
  const conversations = file.conversations.flatMap((each) => conversation(each, newId()) ?? [])
  return conversations.length === 0 ? { issue: 'not_ours' } : { conversations }
}

type Fields = Readonly<Record<string, unknown>>

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const text = (value: unknown, otherwise = ''): string => (typeof value === 'string' ? value : otherwise)
/** None that is not over yet: and none that no calendar has. */
const moment = (value: unknown): number =>
  typeof value === 'number' && value >= 0 && value <= Date.now() ? value : Date.now()

function conversation(given: unknown, id: string): Conversation | undefined {
  if (!isRecord(given) || !Array.isArray(given.columns)) return undefined
  const read = given.columns.slice(0, 4).flatMap((each) => column(each) ?? [])
  const columns = read.filter(({ id }, index) => read.findIndex((each) => each.id === id) === index)
  if (columns.length === 0) return undefined
  return {
    id,
    title: text(given.title).slice(0, 200),
    isRenamed: given.isRenamed === true,
    createdAt: moment(given.createdAt),
    updatedAt: moment(given.updatedAt),
    columns,
  }
}

function column(given: unknown): Column | undefined {
  if (!isRecord(given) || !isRecord(given.messages)) return undefined
  const messages = tree(Object.values(given.messages).flatMap((each) => message(each) ?? []))
  const chosen = isRecord(given.chosen) ? given.chosen : {}
  return {
    id: text(given.id, 'column'),
    settings: settings(given.settings),
    messages: Object.fromEntries(messages),
    chosen: Object.fromEntries(
      Object.entries(chosen).filter(
        (entry): entry is [string, string] =>
          typeof entry[1] === 'string' && messages.get(entry[1])?.parent === entry[0],
      ),
    ),
  }
}

/** Those that one comes to from the first, parents before children: nothing goes round in circles. */
function tree(given: readonly Message[]): Map<string, Message> {
  const below = new Map<string, Message[]>()
  for (const each of given)
    (below.get(each.parent) ?? below.set(each.parent, []).get(each.parent)!).push(each)
  const found = new Map<string, Message>()
  const parents = ['']
  for (let at = parents.pop(); at !== undefined; at = parents.pop())
    for (const each of below.get(at) ?? []) {
      if (found.has(each.id)) continue
      found.set(each.id, each)
      parents.push(each.id)
    }
  return found
}

/** No name that every object has, and no blanks. */
const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w-]{1,100}$/.test(value) && !(value in {})

function message(given: unknown): Message | undefined {
  if (!isRecord(given) || !isId(given.id) || !Array.isArray(given.parts)) return undefined
  const { role, state, model, requestId, finishReason } = given
  if (role !== 'user' && role !== 'assistant' && role !== 'tool') return undefined
  return {
    id: given.id,
    parent: text(given.parent),
    role,
    parts: given.parts.flatMap((each) => part(each) ?? []),
    state: state === 'done' || state === 'failed' ? state : 'stopped',
    createdAt: moment(given.createdAt),
    ...(typeof model === 'string' && { model }),
    ...(typeof requestId === 'string' && { requestId }),
    ...(typeof finishReason === 'string' && { finishReason }),
    ...(isRecord(given.error) && {
      error: {
        status: Number(given.error.status) || 0,
        code: text(given.error.code),
        message: text(given.error.message),
      },
    }),
  }
}

/** Without probabilities and timings: those are of the moment. */
function part(given: unknown): Part | undefined {
  if (!isRecord(given)) return undefined
  switch (given.type) {
    case 'text':
      return { type: 'text', text: text(given.text) }
    case 'reasoning': {
      const millis = typeof given.millis === 'number' ? { millis: given.millis } : {}
      return { type: 'reasoning', text: text(given.text), ...millis }
    }
    case 'tool_call':
      return {
        type: 'tool_call',
        id: text(given.id),
        name: text(given.name),
        arguments: text(given.arguments),
      }
    case 'tool_result':
      return {
        type: 'tool_result',
        callId: text(given.callId),
        name: text(given.name),
        text: text(given.text),
      }
    default:
      return undefined
  }
}

export function settings(given: unknown): Settings {
  if (!isRecord(given)) return defaultSettings
  const tools = isRecord(given.tools) ? given.tools : {}
  const format = isRecord(given.format) ? given.format : {}
  const kinds: readonly FormatSettings['kind'][] = ['text', 'json_object', 'json_schema', 'regex', 'grammar']
  return {
    model: typeof given.model === 'string' ? given.model : undefined,
    system: text(given.system),
    knobs: isRecord(given.knobs) ? turned(given.knobs) : {},
    tools: {
      isOn: tools.isOn === true,
      text: text(tools.text),
      choice: tools.choice === 'required' || tools.choice === 'none' ? tools.choice : 'auto',
    },
    format: {
      kind: kinds.find((kind) => kind === format.kind) ?? 'text',
      schema: text(format.schema),
      regex: text(format.regex),
      grammar: text(format.grammar),
    },
  }
}

function turned(given: Fields): Record<string, KnobValue> {
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, KnobValue] => {
      const [name, value] = entry
      switch (knobOf(name)?.kind) {
        case 'number':
        case 'integer':
          return typeof value === 'number'
        case 'boolean':
          return typeof value === 'boolean'
        case 'choice':
          return typeof value === 'string'
        case 'texts':
          return Array.isArray(value) && value.every((each) => typeof each === 'string')
        case 'bias':
          return isRecord(value) && Object.values(value).every((each) => typeof each === 'number')
        default:
          return false
      }
    }),
  )
}
