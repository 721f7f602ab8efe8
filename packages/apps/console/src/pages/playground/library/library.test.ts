import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Conversation, Message } from '../conversation.ts'
import { defaultSettings } from '../settings/settings.ts'
import { add, remove, together } from '../thread.ts'
import type { Stored } from './database.ts'

/** A fake browser storage shared by tabs, with delayable writes. */
const kept = new Map<string, Stored>()
let hold: Promise<void> = Promise.resolve()
let opens = 0
let isClosed = false
let breaks = false
vi.mock('./database.ts', async (original) => ({
  ...(await original<typeof import('./database.ts')>()),
  ConversationDatabase: {
    open: async () => {
      opens++
      isClosed = false
      return {
        get isClosed() {
          return isClosed
        },
        summaries: async () => [...kept.values()].map(({ conversation }) => conversation),
        get: async (id: string) => kept.get(id),
        put: async (conversation: Conversation, revision: number) => {
          await hold
          if (breaks) throw new DOMException('full', 'QuotaExceededError')
          return write(conversation, revision)
        },
        delete: async (id: string) => void kept.delete(id),
        each: async () => undefined,
      }
    },
  },
}))

function write(conversation: Conversation, revision: number): { stored: Stored; isMerged: boolean } {
  const there = kept.get(conversation.id)
  const isOurs = there === undefined || there.revision === revision
  const stored = {
    id: conversation.id,
    revision: (there?.revision ?? 0) + 1,
    conversation: isOurs ? conversation : together(conversation, there.conversation),
  }
  kept.set(conversation.id, stored)
  return { stored, isMerged: !isOurs }
}

/** The channel between tabs, of which this page is one. */
let hear: ((event: { data: string }) => void) | undefined
const otherTab = (conversation: Conversation): void => {
  write(conversation, kept.get(conversation.id)?.revision ?? 0)
  hear?.({ data: conversation.id })
}

const message = (id: string, parent: string, more: Partial<Message> = {}): Message => ({
  id,
  parent,
  role: 'user',
  parts: [{ type: 'text', text: id }],
  state: 'done',
  createdAt: 0,
  ...more,
})
const conversationOf = (id: string, ...messages: readonly Message[]): Conversation => ({
  id,
  title: id,
  isRenamed: false,
  createdAt: 1,
  updatedAt: 1,
  columns: [messages.reduce(add, { id: 'c', settings: defaultSettings, messages: {}, chosen: {} })],
})
const said = (conversation: Conversation | undefined): string[] =>
  conversation?.columns.flatMap(({ messages }) => Object.keys(messages)) ?? []
const put =
  (message: Message) =>
  (now: Conversation): Conversation => ({
    ...now,
    columns: now.columns.map((column) => add(column, message)),
  })

describe('the conversations of a browser', () => {
  let library: typeof import('./library.ts')
  const followed = new Set<string>()
  beforeEach(async () => {
    vi.useFakeTimers()
    kept.clear()
    followed.clear()
    opens = 0
    breaks = false
    hold = Promise.resolve()
    vi.stubGlobal('document', { addEventListener() {} })
    vi.stubGlobal('addEventListener', () => {})
    vi.stubGlobal(
      'BroadcastChannel',
      class {
        set onmessage(listen: (event: { data: string }) => void) {
          hear = listen
        }
        postMessage(): void {}
      },
    )
    vi.resetModules()
    library = await import('./library.ts')
    library.openLibrary((id) => followed.has(id))
    await settle()
    return () => {
      vi.useRealTimers()
      vi.unstubAllGlobals()
    }
  })
  const settle = (millis = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(millis)

  it('are written at once where words came, and a while later where an answer grows', async () => {
    library.keep(conversationOf('x'))
    library.changeConversation('x', put(message('q', '')))
    await settle()
    expect(said(kept.get('x')?.conversation)).toEqual(['q'])
    followed.add('a')
    library.changeConversation('x', put(message('a', 'q', { state: 'streaming' })))
    await settle()
    library.changeConversation('x', put(message('a', 'q', { state: 'streaming', parts: [] })))
    await settle(100)
    expect(kept.get('x')?.conversation.columns[0]?.messages.a?.parts).toHaveLength(1)
    await settle(400)
    expect(kept.get('x')?.conversation.columns[0]?.messages.a?.parts).toHaveLength(0)
  })

  it('do not take a slow write of this tab for one of another: what was deleted meanwhile stays deleted', async () => {
    library.keep(conversationOf('x'))
    let go = (): void => undefined
    hold = new Promise((resolve) => {
      go = resolve
    })
    library.changeConversation('x', put(message('q', '')))
    await settle(500)
    library.changeConversation('x', put(message('r', 'q')))
    await settle(500)
    library.changeConversation('x', (now) => ({
      ...now,
      columns: now.columns.map((each) => remove(each, 'r')),
    }))
    await settle(500)
    go()
    await settle(500)
    expect(said(kept.get('x')?.conversation)).toEqual(['q'])
    expect(said(library.opened.get().x)).toEqual(['q'])
  })

  it('keep what is said here while another tab is heard, and while it is being written', async () => {
    const first = conversationOf('x', message('q', ''))
    library.addConversations([first])
    await settle()
    let go = (): void => undefined
    hold = new Promise((resolve) => {
      go = resolve
    })
    library.changeConversation('x', put(message('mine', 'q')))
    await settle()
    otherTab(put(message('theirs', 'q'))(first))
    await settle()
    expect(said(library.opened.get().x)).toContain('mine')
    go()
    await settle()
    for (const now of [library.opened.get().x, kept.get('x')?.conversation])
      expect(said(now).toSorted()).toEqual(['mine', 'q', 'theirs'])
  })

  it('are written again when there was no room, with the next change of any of them', async () => {
    breaks = true
    library.addConversations([conversationOf('x', message('q', ''))])
    await settle()
    expect(library.library.get().problem).toBe('full')
    breaks = false
    library.addConversations([conversationOf('y', message('q', ''))])
    await settle()
    expect([...kept.keys()].toSorted()).toEqual(['x', 'y'])
    expect(library.library.get().problem).toBeUndefined()
  })

  it('are written to a database that is opened anew where it was closed', async () => {
    isClosed = true
    library.addConversations([conversationOf('x', message('q', ''))])
    await settle()
    expect(opens).toBe(2)
    expect([...kept.keys()]).toEqual(['x'])
  })

  it('come back whole after they were deleted over an answer', async () => {
    followed.add('a')
    library.addConversations([
      conversationOf('x', message('q', ''), message('a', 'q', { state: 'streaming' })),
    ])
    await settle()
    const removed = await library.removeConversation('x')
    expect(kept.size).toBe(0)
    followed.clear()
    library.addConversations([removed!])
    await settle()
    expect(kept.get('x')?.conversation.columns[0]?.messages.a?.state).toBe('stopped')
  })

  it('are not deleted by another tab while an answer is followed here', async () => {
    followed.add('a')
    library.addConversations([
      conversationOf('x', message('q', ''), message('a', 'q', { state: 'streaming' })),
    ])
    await settle()
    kept.delete('x')
    hear?.({ data: 'x' })
    await settle()
    expect(said(library.opened.get().x)).toEqual(['q', 'a'])
  })

  it('end an answer of another tab of which nothing more is heard', async () => {
    const first = conversationOf('x', message('q', ''))
    library.addConversations([first])
    await settle()
    otherTab(put(message('a', 'q', { state: 'streaming' }))(first))
    await settle()
    const state = (): string | undefined => library.opened.get().x?.columns[0]?.messages.a?.state
    expect(state()).toBe('streaming')
    await settle(10_000)
    expect(state()).toBe('streaming')
    await settle(10_000)
    expect(state()).toBe('stopped')
  })

  it('leave the memory where many were opened, but for what is not written yet', async () => {
    for (let at = 0; at < 60; at++) write(conversationOf(`id-${at}`, message('q', '')), 0)
    library.keep(conversationOf('unsaid'))
    breaks = true
    library.addConversations([conversationOf('unsaved', message('q', ''))])
    for (let at = 0; at < 60; at++) expect(await library.openConversation(`id-${at}`)).toBe(true)
    const now = Object.keys(library.opened.get())
    expect(now.length).toBeLessThan(25)
    for (const id of ['unsaid', 'unsaved', 'id-59']) expect(now).toContain(id)
    expect(await library.openConversation('id-0')).toBe(true)
    expect(await library.openConversation('nobody')).toBe(false)
  })
})
