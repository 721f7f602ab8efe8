/**
 * Renders chats without trusting the template, which comes with the model: for some milliseconds in this thread, where almost every
 * chat is done, and then in a thread of the template's own, with limits on time and memory. A slow template delays only the requests of
 * its model.
 */

import type { Worker } from 'node:worker_threads'
import { startThread } from '@hadal/base'
import { TemplateFailure, withinMillis } from '@hadal/templates'
import type { Chat, ChatModel, Tool } from '../conversation.ts'
import { chatTemplateBusy, chatTemplateFailed } from '../errors.ts'
import { familyOf } from '../families/family-of.ts'
import { type Abilities, keepAbilities } from './abilities.ts'
import { type RenderedChat, renderChat, templateFor } from './render-chat.ts'

export interface RenderTask {
  readonly model: ChatModel
  readonly chat: Chat
  readonly tools: readonly Tool[]
}

export type RenderOutcome =
  | { readonly rendered: RenderedChat; readonly abilities: Abilities; readonly millis: number }
  | { readonly failure: string }

/** What a template may take in the caller's thread: time, and characters of one string, since making one cannot be interrupted. */
const ownMillis = 10
const ownCharacters = 4 * 1024 * 1024
/** In its own thread, all renderings of a chat may take `threadMillis`; the thread is ended at the latest after `killMillis`. */
export const threadMillis = 2_000
const killMillis = 5_000
const maxMegabytes = 256
const maxWaiting = 32
/** An unused thread is ended after this time. */
const idleMillis = 10_000

const threads = new Map<string, TemplateThread>()

/** Throws `chat_template_failed`, `chat_template_busy` and `chat_not_continuable`. */
export async function renderApart(
  model: ChatModel,
  chat: Chat,
  tools: readonly Tool[],
): Promise<RenderedChat> {
  const source = templateFor(model, tools)
  if (threads.get(source)?.isSlow !== true) {
    try {
      return withinMillis(ownMillis, () => renderChat(model, chat, tools, familyOf(model)), ownCharacters)
    } catch (thrown) {
      if (!(thrown instanceof TemplateFailure)) throw thrown
    }
  }
  const outcome = await threadOf(source).render({ model: chatModelOf(model), chat, tools })
  if (outcome === 'busy') throw chatTemplateBusy(model.id).with({ retryAfterSeconds: 1 })
  if ('failure' in outcome) throw chatTemplateFailed(model.id, outcome.failure).with({ param: 'messages' })
  keepAbilities(source, outcome.abilities)
  return outcome.rendered
}

/** A model may have more members, which cannot be sent to a thread. */
const chatModelOf = (model: ChatModel): ChatModel => ({
  id: model.id,
  architecture: model.architecture,
  ...(model.chatTemplate !== undefined && { chatTemplate: model.chatTemplate }),
  ...(model.toolTemplate !== undefined && { toolTemplate: model.toolTemplate }),
  bosToken: model.bosToken,
  eosToken: model.eosToken,
  controlTokens: model.controlTokens,
})

function threadOf(source: string): TemplateThread {
  const known = threads.get(source)
  if (known !== undefined) return known
  const thread = new TemplateThread(() => threads.delete(source))
  threads.set(source, thread)
  return thread
}

interface Waiting {
  readonly task: RenderTask
  readonly done: (outcome: RenderOutcome) => void
}

/** Renders one chat at a time. The worker is started when needed, again after it was ended. */
class TemplateThread {
  readonly #waiting: Waiting[] = []
  readonly #onIdle: () => void
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #isRendering = false
  /** The last chat took long here, too: the next one is not tried in the caller's thread. */
  isSlow = true

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle
  }

  render(task: RenderTask): Promise<RenderOutcome | 'busy'> {
    if (this.#waiting.length >= maxWaiting) return Promise.resolve('busy')
    return new Promise((done) => {
      this.#waiting.push({ task, done })
      if (!this.#isRendering) this.#next()
    })
  }

  #next(): void {
    clearTimeout(this.#timer)
    const next = this.#waiting.shift()
    this.#isRendering = next !== undefined
    if (next === undefined) {
      this.#timer = setTimeout(() => this.#end(), idleMillis).unref()
      return
    }
    this.#worker ??= this.#start()
    const worker = this.#worker
    const finish = (outcome: RenderOutcome): void => {
      worker.off('message', finish).off('error', fail)
      this.isSlow = !('millis' in outcome) || outcome.millis > ownMillis / 2
      next.done(outcome)
      this.#next()
    }
    const kill = (failure: string): void => {
      this.#worker = undefined
      void worker.terminate()
      finish({ failure })
    }
    const fail = (error: NodeJS.ErrnoException): void =>
      kill(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? `it needs more than ${maxMegabytes} MiB` : error.message,
      )
    worker.on('message', finish).on('error', fail)
    this.#timer = setTimeout(() => kill(`it took longer than ${killMillis} ms`), killMillis)
    worker.postMessage(next.task)
  }

  #start(): Worker {
    const worker = startThread(import.meta.url, './render-thread', {
      resourceLimits: { maxOldGenerationSizeMb: maxMegabytes },
    })
    // Without a listener, an error would end the process.
    worker.on('error', () => {})
    worker.unref()
    return worker
  }

  #end(): void {
    void this.#worker?.terminate()
    this.#worker = undefined
    this.#onIdle()
  }
}
