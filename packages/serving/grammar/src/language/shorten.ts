/**
 * A subset of a language with bounded text length: unbounded repetitions get bounds. Smaller than counting every character, for long bounds
 * on formats such as URIs.
 */

import { either, inSequence, type Language, times } from './language.ts'

export interface Widths {
  readonly least: number
  readonly most: number
}

/** Minimum and maximum length of a plain language; undefined if it is not plain or empty. */
export function widthsOf(language: Language): Widths | undefined {
  switch (language.kind) {
    case 'set':
      return language.set.length === 0 ? undefined : { least: 1, most: 1 }
    case 'sequence': {
      const all = language.items.map(widthsOf)
      return all.reduce((a, b) => a && b && { least: a.least + b.least, most: a.most + b.most }, {
        least: 0,
        most: 0,
      })
    }
    case 'choice': {
      const all = language.items.map(widthsOf)
      return all.reduce(
        (a, b) => a && b && { least: Math.min(a.least, b.least), most: Math.max(a.most, b.most) },
        all[0],
      )
    }
    case 'repeat': {
      const item = widthsOf(language.item)
      return (
        item && {
          least: item.least * language.min,
          most: item.most === 0 || language.max === 0 ? 0 : item.most * language.max,
        }
      )
    }
    default:
      return undefined
  }
}

/** Undefined if there is none, or the language is not plain. */
export function shorten(language: Language, most: number): Language | undefined {
  const widths = widthsOf(language)
  if (widths === undefined || widths.least > most) return undefined
  if (widths.most <= most) return language
  switch (language.kind) {
    case 'sequence':
      return shortenSequence(language.items, most)
    case 'choice': {
      const items = language.items.flatMap((item) => shorten(item, most) ?? [])
      return items.length === 0 ? undefined : either(...items)
    }
    case 'repeat':
      return shortenRepeat(language.item, language.min, language.max, most)
    default:
      return undefined
  }
}

/** Distributes the length beyond the shortest text: the smallest needs first, the rest equally. */
function shortenSequence(items: readonly Language[], most: number): Language | undefined {
  const widths = items.map((item) => widthsOf(item)!)
  let left = widths.reduce((sum, { least }) => sum - least, most)
  const order = [...items.keys()].toSorted((a, b) => room(widths[a]!) - room(widths[b]!))
  const shortened = new Map<number, Language | undefined>()
  for (const [taken, index] of order.entries()) {
    const share = Math.min(room(widths[index]!), Math.floor(left / (order.length - taken)))
    left -= share
    shortened.set(index, shorten(items[index]!, widths[index]!.least + share))
  }
  const inOrder = items.map((_, index) => shortened.get(index))
  return inOrder.every((item) => item !== undefined) ? inSequence(...inOrder) : undefined
}

function shortenRepeat(item: Language, min: number, max: number, most: number): Language | undefined {
  const { least, most: longest } = widthsOf(item)!
  const isShort = longest * Math.max(1, min) <= most
  const fitting = isShort ? Math.floor(most / longest) : Math.max(1, min, Math.floor(Math.sqrt(most)))
  const count = Math.min(max, fitting, least === 0 ? fitting : Math.floor(most / least))
  const once = count === 0 ? item : shorten(item, Math.floor(most / count))
  return once === undefined ? undefined : times(once, min, count)
}

function room({ least, most }: Widths): number {
  return most - least
}
