/**
 * Conversations in IndexedDB: one record each, so that tabs can write concurrently, and a short record for lists. On conflicts both
 * versions are kept. Throws IndexedDB errors.
 */

import type { Conversation } from '../conversation.ts'
import { together } from '../thread.ts'

/** What a list shows. */
export interface Summary {
  readonly id: string
  readonly title: string
  readonly createdAt: number
  readonly updatedAt: number
}

/** `revision` increments with each write, by any tab. */
export interface Stored {
  readonly id: string
  readonly revision: number
  readonly conversation: Conversation
}

const name = 'hadal.playground'
const full = 'conversations'
const short = 'summaries'

/** One migration per database version, from the first. Never edit a released one. */
const migrations: readonly ((database: IDBDatabase) => void)[] = [
  (database) => {
    database.createObjectStore(full, { keyPath: 'id' })
    database.createObjectStore(short, { keyPath: 'id' })
  },
]

export const summaryOf = ({ id, title, createdAt, updatedAt }: Conversation): Summary => ({
  id,
  title,
  createdAt,
  updatedAt,
})

export class ConversationDatabase {
  readonly #database: IDBDatabase
  #isClosed = false

  private constructor(database: IDBDatabase) {
    this.#database = database
    // A newer page in another tab wants to migrate: this one gives way.
    database.onversionchange = () => {
      database.close()
      this.#isClosed = true
    }
    // The browser closed the database, for example because site data was deleted.
    database.onclose = () => {
      this.#isClosed = true
    }
  }

  /** Every call fails from then on: it is to be opened again. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Rejects where the browser keeps nothing, as some do in private windows, or does not say for ten seconds. */
  static async open(): Promise<ConversationDatabase> {
    const request = indexedDB.open(name, migrations.length)
    request.onupgradeneeded = ({ oldVersion }) => {
      for (const migrate of migrations.slice(oldVersion)) migrate(request.result)
    }
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const giveUp = (why: unknown): void => {
        // Close a database that opens too late: an open one would block others.
        request.onsuccess = () => request.result.close()
        reject(why)
      }
      const timer = setTimeout(() => giveUp(new Error('The browser does not open its database.')), 10_000)
      request.onsuccess = () => {
        clearTimeout(timer)
        resolve(request.result)
      }
      request.onerror = () => reject(request.error)
      request.onblocked = () => giveUp(new Error('Another tab holds an older version open.'))
    })
    return new ConversationDatabase(database)
  }

  async summaries(): Promise<Summary[]> {
    return await of(this.#database.transaction(short).objectStore(short).getAll())
  }

  async get(id: string): Promise<Stored | undefined> {
    return await of(this.#database.transaction(full).objectStore(full).get(id))
  }

  /** Returns the stored record, and whether it was merged with another tab's write since `revision`. */
  async put(
    conversation: Conversation,
    revision: number,
  ): Promise<{ readonly stored: Stored; readonly isMerged: boolean }> {
    const transaction = this.#database.transaction([full, short], 'readwrite')
    const store = transaction.objectStore(full)
    const there: Stored | undefined = await of(store.get(conversation.id))
    const isOurs = there === undefined || there.revision === revision
    const stored: Stored = {
      id: conversation.id,
      revision: (there?.revision ?? 0) + 1,
      conversation: isOurs ? conversation : together(conversation, there.conversation),
    }
    store.put(stored)
    transaction.objectStore(short).put(summaryOf(stored.conversation))
    await ended(transaction)
    return { stored, isMerged: !isOurs }
  }

  async delete(id: string): Promise<void> {
    const transaction = this.#database.transaction([full, short], 'readwrite')
    transaction.objectStore(full).delete(id)
    transaction.objectStore(short).delete(id)
    await ended(transaction)
  }

  /** One by one, so that long conversations are never in memory together; stops when `look` returns false. */
  async each(look: (conversation: Conversation) => boolean): Promise<void> {
    const request = this.#database.transaction(full).objectStore(full).openCursor()
    await new Promise<void>((resolve, reject) => {
      request.onerror = () => reject(request.error)
      request.onsuccess = () => {
        const cursor = request.result
        if (cursor === null || !look((cursor.value as Stored).conversation)) return resolve()
        cursor.continue()
      }
    })
  }
}

const of = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

const ended = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
    transaction.onerror = () => reject(transaction.error)
  })
