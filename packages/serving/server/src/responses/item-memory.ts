/**
 * The items of late answers, by their ids: some clients refer to them instead of sending them back, as they may where
 * responses are stored. None is here, but this much is remembered, for a while, for the client that was told.
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
