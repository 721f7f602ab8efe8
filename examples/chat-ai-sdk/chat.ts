/**
 * A chat in the terminal with whatever `hadal serve` serves, by the AI SDK. It streams, remembers what was said, calls a tool, and
 * Ctrl-C ends an answer instead of the program. A line that begins with `!` must be answered by a call; a model that learned to call
 * tools may be offered them with every line (`auto`), and decides by itself.
 */

import { createInterface } from 'node:readline'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { type ModelMessage, stepCountIs, streamText, tool } from 'ai'
import { z } from 'zod'

const { CHAT_URL = 'http://127.0.0.1:8080', CHAT_MODEL = 'nano', CHAT_API_KEY = 'unused' } = process.env
const hadal = createOpenAICompatible({ name: 'hadal', baseURL: `${CHAT_URL}/v1`, apiKey: CHAT_API_KEY })

const clock = tool({
  description: 'What time it is somewhere.',
  inputSchema: z.object({ zone: z.enum(['Europe/Oslo', 'Asia/Shanghai', 'America/Lima']) }),
  execute: ({ zone }) => {
    const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: zone }).format()
    return `It is ${time} in ${zone.split('/')[1]}.`
  },
})

const history: ModelMessage[] = []

/** Prints the answer while it comes. What was said of one that is aborted stays said. */
async function answer(question: string, abortSignal: AbortSignal): Promise<void> {
  const mustCall = question.startsWith('!')
  history.push({ role: 'user', content: question.slice(mustCall ? 1 : 0) })
  const result = streamText({
    model: hadal(CHAT_MODEL),
    messages: history,
    tools: { clock },
    prepareStep: ({ stepNumber }) =>
      mustCall && stepNumber === 0 ? { toolChoice: 'required' } : { activeTools: [] },
    providerOptions: { hadal: { parallel_tool_calls: false } },
    stopWhen: stepCountIs(4),
    maxRetries: 0,
    abortSignal,
    onError: () => {}, // `fullStream` has it, too
  })
  let said = ''
  for await (const part of result.fullStream) {
    if (part.type === 'text-delta') {
      said += part.text
      process.stdout.write(part.text)
    } else if (part.type === 'tool-result') {
      console.log(`[${part.toolName} ${JSON.stringify(part.input)}: ${part.output}]`)
    } else if (part.type === 'abort' || part.type === 'error') {
      if (said !== '') history.push({ role: 'assistant', content: said })
      throw part.type === 'error' ? part.error : new Error('stopped')
    }
  }
  history.push(...(await result.response).messages)
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
