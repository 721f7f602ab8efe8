/**
 * A chat in the terminal with whatever `hadal serve` serves, by OpenAI's SDK. It streams, remembers what was said, calls a tool, and
 * Ctrl-C ends an answer instead of the program. A line that begins with `!` must be answered by a call; a model that learned to call
 * tools may be offered them with every line (`auto`), and decides by itself.
 */

import { createInterface } from 'node:readline'
import OpenAI from 'openai'

const { CHAT_URL = 'http://127.0.0.1:8080', CHAT_MODEL = 'nano', CHAT_API_KEY = 'unused' } = process.env
const client = new OpenAI({ baseURL: `${CHAT_URL}/v1`, apiKey: CHAT_API_KEY, maxRetries: 0 })

const clock: OpenAI.ChatCompletionFunctionTool = {
  type: 'function',
  function: {
    name: 'clock',
    description: 'What time it is somewhere.',
    parameters: {
      type: 'object',
      properties: { zone: { type: 'string', enum: ['Europe/Oslo', 'Asia/Shanghai', 'America/Lima'] } },
      required: ['zone'],
      additionalProperties: false,
    },
    strict: true,
  },
}

const oneCall = { tools: [clock], tool_choice: 'required' as const, parallel_tool_calls: false }

function readClock(json: string): string {
  const { zone } = JSON.parse(json) as { zone: string }
  const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: zone }).format()
  return `It is ${time} in ${zone.split('/')[1]}.`
}

const history: OpenAI.ChatCompletionMessageParam[] = []

/** Prints the answer while it comes. What was said of one that is aborted stays said. */
async function answer(question: string, signal: AbortSignal): Promise<void> {
  const mustCall = question.startsWith('!')
  history.push({ role: 'user', content: question.slice(mustCall ? 1 : 0) })
  for (let isFirst = true; ; isFirst = false) {
    const request = { model: CHAT_MODEL, messages: history, ...(mustCall && isFirst && oneCall) }
    const stream = client.chat.completions.stream(request, { signal })
    let said = ''
    stream.on('content', (text) => {
      said += text
      process.stdout.write(text)
    })
    try {
      await stream.done()
    } catch (error) {
      if (said !== '') history.push({ role: 'assistant', content: said })
      throw error
    }
    const message = await stream.finalMessage()
    history.push(message)
    const calls = message.tool_calls ?? []
    if (calls.length === 0) return
    for (const call of calls) {
      if (call.type !== 'function') continue
      const content = readClock(call.function.arguments)
      console.log(`[${call.function.name} ${call.function.arguments}: ${content}]`)
      history.push({ role: 'tool', tool_call_id: call.id, content })
    }
  }
}

const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' })
let underWay: AbortController | undefined
const stop = (): void => (underWay === undefined ? lines.close() : underWay.abort())
lines.on('SIGINT', stop)
process.on('SIGINT', stop)

lines.prompt()
for await (const line of lines) {
  if (line.trim() !== '') {
    underWay = new AbortController()
    await answer(line, underWay.signal).catch((error: Error) => console.log(`\n[${error.message}]`))
    underWay = undefined
    console.log()
  }
  lines.prompt()
}
