/**
 * Recent response items by id: some clients reference items instead of sending them back. Responses are not stored, but items are
 * remembered for a while for the client that received them.
 */

import type { ResponseOutputItem } from '@hadal/protocol'
import { BoundedTexts, ownedKey } from '../bounded-texts.ts'

export class ItemMemory {
  readonly #byId = new BoundedTexts()

  remember(client: string, items: readonly ResponseOutputItem[]): void {
    for (const item of items) this.#byId.set(ownedKey(client, item.id), JSON.stringify(item))
  }

  recall(client: string, id: string): ResponseOutputItem | undefined {
    const text = this.#byId.get(ownedKey(client, id))
    return text === undefined ? undefined : (JSON.parse(text) as ResponseOutputItem)
  }
}
