/** A bounded map of texts: the oldest entries are evicted first. */

export interface TextBounds {
  readonly texts: number
  /** Total characters of texts and keys. */
  readonly characters: number
}

/** A key that only the owner can look up. */
export const ownedKey = (owner: string, id: string): string => JSON.stringify([owner, id])

const defaultBounds: TextBounds = { texts: 4096, characters: 16 * 1024 * 1024 }

export class BoundedTexts {
  readonly #byKey = new Map<string, string>()
  readonly #bounds: TextBounds
  #characters = 0

  constructor(bounds: Partial<TextBounds> = {}) {
    this.#bounds = { ...defaultBounds, ...bounds }
  }

  get(key: string): string | undefined {
    return this.#byKey.get(key)
  }

  set(key: string, text: string): void {
    this.#forget(key)
    this.#byKey.set(key, text)
    this.#characters += key.length + text.length
    for (const oldest of this.#byKey.keys()) {
      if (this.#byKey.size <= this.#bounds.texts && this.#characters <= this.#bounds.characters) return
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    const text = this.#byKey.get(key)
    if (text === undefined) return
    this.#characters -= key.length + text.length
    this.#byKey.delete(key)
  }
}
