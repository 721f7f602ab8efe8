/** Messages alone on a page, given by a test: as the playground shows them, without a server that would have to say them. */

import { createRoot } from 'react-dom/client'
import '../../src/design/tokens.css'
import '../../src/design/base.css'
import '../../src/design/components.css'
import { flushSync } from 'react-dom'
import '../../src/design/theme.ts'
import { language } from '../../src/messages/language.ts'
import type { Message, Token } from '../../src/pages/playground/conversation.ts'
import { MessageView } from '../../src/pages/playground/messages/index.ts'
import { Markdown } from '../../src/pages/playground/messages/markdown/markdown.tsx'

const root = createRoot(document.getElementById('root')!)

export type { Message, Token }

export interface Stage {
  show(messages: readonly { message: Message; answers?: Message }[]): void
  showMarkdown(texts: readonly string[]): void
  /** A stream, as the playground draws it: once a frame. Answers when all of it is shown. */
  stream(text: string, charactersPerFrame: number): Promise<StreamReport>
  setLanguage(name: 'en' | 'zh'): void
}

export interface StreamReport {
  readonly frames: number
  readonly shown: number
}

const stage: Stage = {
  show(messages) {
    flushSync(() =>
      root.render(
        messages.map(({ message, answers }) => (
          <section key={message.id} style={{ margin: '1rem auto', maxWidth: '44rem', padding: '0 1rem' }}>
            <MessageView message={message} {...(answers !== undefined && { answers })} />
          </section>
        )),
      ),
    )
  },
  showMarkdown(texts) {
    flushSync(() =>
      root.render(
        texts.map((text, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they are shown once
          <section key={index} data-case={index} style={{ maxWidth: '44rem', margin: '1rem auto' }}>
            <Markdown text={text} />
          </section>
        )),
      ),
    )
  },
  stream,
  setLanguage: (name) => language.set(name),
}

/** Characters added per frame: a slow machine has no more work in a frame. */
function stream(text: string, charactersPerFrame: number): Promise<StreamReport> {
  let frames = 0
  return new Promise((resolve) => {
    const draw = (): void => {
      frames++
      const length = Math.min(text.length, frames * charactersPerFrame)
      const isDone = length >= text.length
      root.render(
        <section style={{ maxWidth: '44rem', margin: '1rem auto' }}>
          <Markdown text={text.slice(0, length)} isStreaming={!isDone} />
        </section>,
      )
      if (!isDone) return void requestAnimationFrame(draw)
      const wait = (): void => {
        if (document.querySelector('#root [aria-busy]') !== null) return void requestAnimationFrame(wait)
        resolve({ frames, shown: document.getElementById('root')?.textContent?.length ?? 0 })
      }
      requestAnimationFrame(wait)
    }
    requestAnimationFrame(draw)
  })
}

Object.assign(globalThis, { stage })
