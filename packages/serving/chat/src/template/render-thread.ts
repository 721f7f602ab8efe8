/** The thread of `render-apart.ts`. */

import { parentPort } from 'node:worker_threads'
import { isHadalError, messageOf } from '@hadal/base'
import { TemplateFailure, withinMillis } from '@hadal/templates'
import { familyOf } from '../families/family-of.ts'
import { abilitiesOf } from './abilities.ts'
import { type RenderOutcome, type RenderTask, threadMillis } from './render-apart.ts'
import { renderChat, templateFor } from './render-chat.ts'

parentPort!.on('message', (task: RenderTask) => parentPort!.postMessage(outcomeOf(task)))

function outcomeOf({ model, chat, tools }: RenderTask): RenderOutcome {
  const start = performance.now()
  try {
    return withinMillis(threadMillis, () => ({
      rendered: renderChat(model, chat, tools, familyOf(model)),
      abilities: abilitiesOf(templateFor(model, tools)),
      millis: performance.now() - start,
    }))
  } catch (thrown) {
    return { failure: whyOf(thrown) }
  }
}

function whyOf(thrown: unknown): string {
  if (isHadalError(thrown)) return messageOf(thrown.cause)
  const isOver = thrown instanceof TemplateFailure && thrown.kind === 'interrupted'
  return isOver ? `it took longer than ${threadMillis} ms` : messageOf(thrown)
}
