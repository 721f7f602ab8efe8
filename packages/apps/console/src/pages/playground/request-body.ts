/** Builds the body for POST /v1/chat/completions from a column's settings and messages, for requests and generated code. Pure. */

import type { Message } from './conversation.ts'
import { textOf } from './conversation.ts'
import { issueOf, knobOf } from './knobs.ts'
import type { KnobValue, Settings } from './settings/settings.ts'

export type RequestBody = Readonly<Record<string, unknown>> & { readonly messages: readonly WireMessage[] }

export type WireMessage = Readonly<Record<string, unknown>> & { readonly role: string }

/** Input that cannot be sent. `place` is its position in the settings. */
export interface SettingsIssue {
  readonly place: 'tools' | 'schema' | 'regex' | 'grammar' | 'knob'
  /** For a setting, its name; for invalid JSON, the parser's message. */
  readonly detail: string
}

export type BuiltBody =
  | { readonly body: RequestBody; readonly issue?: undefined }
  | { readonly body?: undefined; readonly issue: SettingsIssue }

/** Without `stream`: the sender adds it. */
export function requestBody(
  settings: Settings,
  before: readonly Message[],
  model: string | undefined,
): BuiltBody {
  const format = formatOf(settings)
  if ('issue' in format) return { issue: format.issue }
  const tools = toolsOf(settings)
  if ('issue' in tools) return { issue: tools.issue }
  const turned: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(settings.knobs)) {
    const knob = knobOf(name)
    if (knob === undefined) continue
    if (issueOf(knob, value) !== undefined) return { issue: { place: 'knob', detail: name } }
    if (name === 'top_logprobs' && settings.knobs.logprobs !== true) continue
    turned[name] = wireValue(name, value)
  }
  if (turned.logprobs === true) turned.top_logprobs ??= 5
  const system: WireMessage[] =
    settings.system.trim() === '' ? [] : [{ role: 'system', content: settings.system }]
  return {
    body: {
      ...(model !== undefined && { model }),
      messages: [...system, ...before.flatMap(wireMessages)],
      ...turned,
      ...format.field,
      ...tools.fields,
    },
  }
}

/** Choices that represent booleans or numbers are sent as such. */
function wireValue(name: string, value: KnobValue): unknown {
  const knob = knobOf(name)
  if (knob?.kind !== 'choice' || typeof value !== 'string') return value
  if (value === 'true' || value === 'false') return value === 'true'
  return /^\d+$/.test(value) ? Number(value) : value
}

/** Calls without an answer are left out with it: no server takes the one without the other. */
function wireMessages(message: Message, index: number, all: readonly Message[]): WireMessage[] {
  if (message.role === 'user') return [{ role: 'user', content: textOf(message) }]
  if (message.role === 'tool')
    return message.parts.flatMap((part) =>
      part.type === 'tool_result' ? [{ role: 'tool', tool_call_id: part.callId, content: part.text }] : [],
    )
  const content = textOf(message)
  const reasoning = message.parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
  const answers = all[index + 1]
  const calls = answers?.role !== 'tool' ? [] : message.parts.filter((part) => part.type === 'tool_call')
  if (content === '' && calls.length === 0) return []
  return [
    {
      role: 'assistant',
      content: content === '' ? null : content,
      // Templates need the reasoning of pending tool calls; that of older answers is not needed.
      ...(calls.length > 0 && reasoning !== '' && { reasoning_content: reasoning }),
      ...(calls.length > 0 && {
        tool_calls: calls.map((call) => ({
          id: call.id,
          type: 'function',
          function: { name: call.name, arguments: call.arguments },
        })),
      }),
    },
  ]
}

type Parsed<T> = T | { readonly issue: SettingsIssue }

function formatOf({ format }: Settings): Parsed<{ readonly field: Readonly<Record<string, unknown>> }> {
  switch (format.kind) {
    case 'text':
      return { field: {} }
    case 'json_object':
      return { field: { response_format: { type: 'json_object' } } }
    case 'json_schema': {
      const schema = parsed(format.schema)
      if ('issue' in schema || typeof schema.value !== 'object' || schema.value === null)
        return { issue: { place: 'schema', detail: 'issue' in schema ? schema.issue : '' } }
      const json_schema = { name: 'answer', strict: true, schema: schema.value }
      return { field: { response_format: { type: 'json_schema', json_schema } } }
    }
    case 'regex':
      if (format.regex === '') return { issue: { place: 'regex', detail: '' } }
      return { field: { response_format: { type: 'regex', pattern: format.regex } } }
    case 'grammar':
      if (format.grammar === '') return { issue: { place: 'grammar', detail: '' } }
      return { field: { response_format: { type: 'grammar', grammar: format.grammar } } }
  }
}

function toolsOf({ tools }: Settings): Parsed<{ readonly fields: Readonly<Record<string, unknown>> }> {
  if (!tools.isOn || tools.text.trim() === '') return { fields: {} }
  const given = parsed(tools.text)
  if ('issue' in given || !Array.isArray(given.value))
    return { issue: { place: 'tools', detail: 'issue' in given ? given.issue : '' } }
  if (given.value.length === 0) return { fields: {} }
  return { fields: { tools: given.value, ...(tools.choice !== 'auto' && { tool_choice: tools.choice }) } }
}

function parsed(text: string): { readonly value: unknown } | { readonly issue: string } {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { issue: (error as Error).message }
  }
}
