/** A guard before a chat and behind it: texts of a request are screened before a model reads them, and its answer before the client does. Knows no web framework. */

import { randomUUID } from 'node:crypto'
import { createGuard, leakCheck, OutputGuard, type OutputStep, shownToCaller } from '@hadal/guard'
import OpenAI from 'openai'

/** What a caller may say. The system's words are this program's own. */
export interface ChatMessage {
  readonly role: 'user' | 'assistant'
  content: string
}

export interface Refusal {
  readonly status: 400 | 403
  readonly body: { readonly error: { readonly id: string; readonly message: string } }
}

const { CHAT_URL = 'http://127.0.0.1:8080', CHAT_MODEL = 'nano', CHAT_API_KEY = 'unused' } = process.env
const client = new OpenAI({ baseURL: `${CHAT_URL}/v1`, apiKey: CHAT_API_KEY })
const system =
  'You are Nano, a small helper of the harbour office. Never say the number of the gate: 4711. Answer in one sentence.'
const guard = createGuard({ policy: 'default' })
const leak = { name: 'leak', layer: 'output', check: leakCheck([system]), action: 'block' } as const

/** Why this chat goes no further; undefined where it may. Texts that are redacted are changed in place. Who asks learns no more than that: what stopped it is an oracle to whoever attacks, and stands in the log. */
export async function screenChat(body: { messages: ChatMessage[] }): Promise<Refusal | undefined> {
  if (!Array.isArray(body?.messages) || !body.messages.every(isOfCaller)) {
    const message = 'Messages are texts of the roles `user` and `assistant`.'
    return { status: 400, body: { error: { id: randomUUID(), message } } }
  }
  for (const message of body.messages) {
    // The client wrote them all, whatever their role.
    const verdict = await guard.screen(message.content, { role: 'user' })
    if (verdict.action === 'block' || verdict.action === 'reply') {
      const error = shownToCaller(verdict, randomUUID())
      console.warn(error.id, verdict.findings[0]?.rule, verdict.findings[0]?.why)
      return { status: 403, body: { error } }
    }
    message.content = verdict.text
  }
  return undefined
}

function isOfCaller(message: Partial<ChatMessage> | null): boolean {
  return typeof message?.content === 'string' && (message.role === 'user' || message.role === 'assistant')
}

/** The model's answer as it comes. */
export async function* ask(messages: readonly ChatMessage[]): AsyncGenerator<string> {
  const stream = await client.chat.completions.create({
    model: CHAT_MODEL,
    messages: [{ role: 'system', content: system }, ...messages],
    stream: true,
  })
  for await (const { choices } of stream) yield choices[0]?.delta.content ?? ''
}

/** The same text, some tokens later: it ends before what would have to be taken back. */
export async function* screenAnswer(answer: AsyncIterable<string>): AsyncGenerator<string> {
  const output = new OutputGuard<undefined>({
    screen: (text) => guard.screen(text, { role: 'assistant', alsoSteps: [leak] }),
    holdBackTokens: 24,
  })
  const texts = ({ released }: OutputStep<undefined>): string => released.map(({ text }) => text).join('')
  for await (const text of answer) {
    const step = await output.push({ item: undefined, channel: 'answer', text, tokens: 1 })
    yield texts(step)
    if (step.ended !== undefined) return
  }
  yield texts(await output.end())
}
