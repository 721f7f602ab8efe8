/**
 * The items of late answers, by their ids: some clients refer to them instead of sending them back, as they may where
 * responses are stored. None is here, but this much is remembered, for a while. Ids are not to be guessed.
 */

import type { ResponseOutputItem } from '@hadal/protocol'
import { BoundedTexts } from '../bounded-texts.ts'

export class ItemMemory {
  readonly #byId = new BoundedTexts()

  remember(items: readonly ResponseOutputItem[]): void {
    for (const item of items) this.#byId.set(item.id, JSON.stringify(item))
  }

  recall(id: string): ResponseOutputItem | undefined {
    const text = this.#byId.get(id)
    return text === undefined ? undefined : (JSON.parse(text) as ResponseOutputItem)
  }
}
