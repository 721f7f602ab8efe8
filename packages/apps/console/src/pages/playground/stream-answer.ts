/** Requests a response and follows its stream. Every message ends as done, stopped, or failed with the partial output. */

import { type ChatChunk, type ErrorBody, type RequestTimeline, SseDecoder } from '@hadal/protocol'
import { ApiError } from '../../api/api-error.ts'
import { send } from '../../api/request.ts'
import { language } from '../../messages/language.ts'
import { AnswerBuilder } from './answer-builder.ts'
import type { Message, MessageError } from './conversation.ts'
import type { RequestBody } from './request-body.ts'
import { words } from './words.ts'

export interface Asking {
  readonly body: RequestBody
  /** One for each answer that `n` asks for. */
  readonly drafts: readonly Message[]
  readonly signal: AbortSignal
  /** Called whenever something came: the messages as they are now are behind it. */
  readonly onChange: (messages: () => readonly Message[]) => void
  /** Server status before the response starts: that a model is waking up, and how long that takes. */
  readonly onNote: (text: string) => void
}

const timelineName = 'x-hadal-timeline'

export async function streamAnswer({ body, drafts, signal, onChange, onNote }: Asking): Promise<void> {
  const answers = drafts.map((draft) => new AnswerBuilder(draft, performance.now()))
  const changed = (): void => onChange(() => answers.map((answer) => answer.message))
  const all = (each: (answer: AnswerBuilder) => void): void => {
    for (const answer of answers) each(answer)
  }
  let failed: MessageError | undefined
  try {
    const response = await send('/v1/chat/completions', {
      as: 'client',
      body: { ...body, stream: true, stream_options: { include_usage: true } },
      headers: { accept: 'text/event-stream', [timelineName]: '1' },
      signal,
    })
    const requestId = response.headers.get('x-request-id')
    if (requestId !== null) all((answer) => answer.describe({ requestId }))
    const eta = response.headers.get('x-hadal-wake-eta-seconds')
    if (eta !== null) onNote(words[language.get()].wakes(String(body.model), Number(eta)))
    const decoder = new SseDecoder((comment) => {
      const timeline = timelineOf(comment)
      if (timeline === undefined)
        return comment === 'keep-alive' || comment === '' ? undefined : onNote(comment)
      answers.forEach((answer, index) => {
        const own = timeline.sequences[index]
        answer.explain(
          answers.length === 1 || own === undefined ? timeline : { ...timeline, sequences: [own] },
        )
      })
    })
    for await (const text of textsOf(response, signal)) {
      for (const { data } of decoder.push(text)) {
        if (data === '[DONE]') continue
        const chunk = JSON.parse(data) as ChatChunk & Partial<ErrorBody>
        if (chunk.error !== undefined) {
          failed = { status: response.status, code: chunk.error.code, message: chunk.error.message }
          continue
        }
        for (const choice of chunk.choices ?? []) answers[choice.index ?? 0]?.take(choice, performance.now())
        if (chunk.model) all((answer) => answer.describe({ model: chunk.model }))
        if (chunk.usage && answers.length === 1) answers[0]!.count(chunk.usage)
      }
      changed()
    }
  } catch (error) {
    if (signal.aborted) {
      all((answer) => answer.end(answer.isFinished ? 'done' : 'stopped', performance.now()))
      return changed()
    }
    failed = messageError(error)
    const requestId = error instanceof ApiError ? error.requestId : undefined
    if (requestId !== undefined) all((answer) => answer.describe({ requestId }))
  }
  const cut: MessageError = { status: 0, code: 'stream_cut', message: '' }
  all((answer) => {
    const error = failed ?? (answer.isFinished ? undefined : cut)
    answer.end(error === undefined ? 'done' : 'failed', performance.now(), error)
  })
  changed()
}

async function* textsOf(response: Response, signal: AbortSignal): AsyncGenerator<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        if (signal.aborted) throw error
        throw new ApiError(0, 'stream_cut', '')
      })
      if (done) return
      yield value
    }
  } finally {
    void reader.cancel().catch(() => undefined)
  }
}

/** A comment that is not a timeline, or has another format, must not cause a failure. */
function timelineOf(comment: string): RequestTimeline | undefined {
  if (!comment.startsWith(`${timelineName} `)) return undefined
  try {
    const timeline = JSON.parse(comment.slice(timelineName.length + 1)) as RequestTimeline
    return Array.isArray(timeline.sequences) ? timeline : undefined
  } catch {
    return undefined
  }
}

function messageError(error: unknown): MessageError {
  if (!(error instanceof ApiError))
    return { status: 0, code: 'not_json', message: error instanceof Error ? error.message : String(error) }
  const { status, code, message, help, retryAfterSeconds } = error
  return {
    status,
    code,
    message,
    ...(help !== undefined && { help }),
    ...(retryAfterSeconds !== undefined && { retryAt: Date.now() + retryAfterSeconds * 1000 }),
  }
}
