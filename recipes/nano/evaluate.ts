// Asks a running server what the nano model was not trained on, and writes down how it did: accuracy and form by kind
// of question, and ten conversations word for word. Knows nothing about how the model was trained or is served.
//
//   npm start                                                                         in one terminal
//   npx tsx --conditions=@hadal/source recipes/nano/evaluate.ts                       in another
//
// --url http://127.0.0.1:8080    any OpenAI-compatible server; its first model is asked
// --data .data/nano              the recipe's data: `chat.valid.jsonl` is asked, `chat.jsonl` says what training saw
// --limit 400                    number of conversations, spread evenly; all by default
// --out models/nano/evaluation.json

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type ChatClient, connectChat, type Message, mapConcurrently } from './evaluation/chat-client.ts'
import type { Evaluation, Sample, Turn } from './evaluation/evaluation.ts'
import { sampleQuestions } from './evaluation/samples.ts'
import { type HeldOutConversation, promptOf, score } from './evaluation/score.ts'

/** Stories, the longest answers, take about 110. */
const maxTokens = 160
const concurrency = 8

export interface EvaluateOptions {
  readonly url: string
  readonly dataFolder: string
  readonly limit?: number
  /** Called with the number of answered conversations and their total. */
  readonly onProgress?: (answered: number, of: number) => void
}

export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const file = readFileSync(join(options.dataFolder, 'chat.valid.jsonl'), 'utf8')
  const available = parseLines<HeldOutConversation>(file)
  const conversations = spread(available, options.limit ?? available.length)
  const isTrained = trainingQuestions(options.dataFolder)
  const client = await connectChat(options.url)

  const samples: Sample[] = []
  for (const questions of sampleQuestions) samples.push(await converse(client, questions, isTrained))

  let answered = 0
  const replies = await mapConcurrently(conversations, concurrency, async (conversation) => {
    const reply = await client.ask(promptOf(conversation), maxTokens)
    answered += 1
    options.onProgress?.(answered, conversations.length)
    return reply
  })
  return {
    model: client.model,
    settings: { temperature: 0, maxTokens, concurrency },
    data: {
      sha256: createHash('sha256').update(file).digest('hex'),
      available: available.length,
      asked: conversations.length,
      wordedAsInTraining: conversations.filter((each) => isTrained(promptOf(each).at(-1)!.content)).length,
    },
    ...score(conversations, replies),
    samples,
  }
}

/** One conversation, each question asked after the model's own replies to the earlier ones. */
async function converse(
  client: ChatClient,
  questions: readonly string[],
  isTrained: (question: string) => boolean,
): Promise<Sample> {
  const messages: Message[] = []
  const turns: Turn[] = []
  for (const question of questions) {
    messages.push({ role: 'user', content: question })
    const { text } = await client.ask(messages, maxTokens)
    messages.push({ role: 'assistant', content: text })
    turns.push({ question, inTraining: isTrained(question), reply: text })
  }
  return turns
}

/** Returns whether a question is asked anywhere in the training conversations; capitals do not count. */
function trainingQuestions(dataFolder: string): (question: string) => boolean {
  const chats = parseLines<{ messages: readonly Message[] }>(
    readFileSync(join(dataFolder, 'chat.jsonl'), 'utf8'),
  )
  const asked = chats.flatMap(({ messages }) => messages.filter(({ role }) => role === 'user'))
  const known = new Set(asked.map(({ content }) => content.toLowerCase()))
  return (question) => known.has(question.toLowerCase())
}

const parseLines = <Line>(text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

/** `count` items at even distances: the file begins with one kind of held-out conversation and ends with another. */
function spread<Item>(items: readonly Item[], count: number): readonly Item[] {
  const taken = Math.min(count, items.length)
  return Array.from({ length: taken }, (_, index) => items[Math.floor((index * items.length) / taken)]!)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values: flags } = parseArgs({
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
      data: { type: 'string', default: '.data/nano' },
      limit: { type: 'string' },
      out: { type: 'string', default: 'models/nano/evaluation.json' },
    },
  })
  const evaluation = await evaluate({
    url: flags.url,
    dataFolder: flags.data,
    ...(flags.limit !== undefined && { limit: Number(flags.limit) }),
    onProgress: (answered, of) => {
      if (answered % 500 === 0 || answered === of) process.stderr.write(`${answered} of ${of} answered\n`)
    },
  })
  mkdirSync(dirname(flags.out), { recursive: true })
  writeFileSync(flags.out, `${JSON.stringify(evaluation, null, 2)}\n`)
  const { phrasing, fact } = evaluation.total
  for (const [name, tally] of Object.entries({ 'new wording': phrasing, 'new fact': fact }))
    if (tally)
      process.stderr.write(
        `${name}: ${tally.right} of ${tally.checked} right, ${tally.wellFormed} of ${tally.asked} well formed\n`,
      )
  process.stderr.write(`wrote ${flags.out}\n`)
}
