/**
 * Scans the bytes of a response as they pass: keeps the first and last ones to find the usage at the end. If usage was
 * requested by the gateway, the event with only the usage is removed, and incomplete events are held back for that. Memory is
 * bounded.
 */

import type { RelayUsage } from '../upstream.ts'
import { usageOf } from './usage.ts'
import { usageInEvents, usageInJson } from './usage-in-text.ts'

export interface ScannerOptions {
  readonly stream: boolean
  readonly hidesUsage: boolean
}

const headBytes = 4096
const tailBytes = 16 * 1024
/** Responses that are not streamed are parsed as JSON up to this size. */
const wholeBytes = 256 * 1024
/** A longer event is not a usage-only event. */
const longestHeld = 16 * 1024

const [lineFeed, carriageReturn] = [10, 13]
/** `\n\r`, of which the rest is still to come. */
const longestBreak = 2

const nothing = new Uint8Array(0)

export class AnswerScanner {
  readonly #options: ScannerOptions
  #head: Uint8Array = nothing
  readonly #tail: Uint8Array[] = []
  #tailLength = 0
  #length = 0
  #held: Buffer = Buffer.alloc(0)
  /** Within an event too long to hold: the rest is forwarded. */
  #isPassing = false
  #hidden: RelayUsage | undefined

  constructor(options: ScannerOptions) {
    this.#options = options
  }

  /** The bytes to forward now; may be empty. */
  push(chunk: Uint8Array): Uint8Array {
    this.#length += chunk.length
    if (this.#head.length < headBytes)
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, headBytes - this.#head.length)])
    this.#tail.push(chunk)
    this.#tailLength += chunk.length
    const kept = this.#options.stream ? tailBytes : wholeBytes
    while (this.#tailLength - this.#tail[0]!.length >= kept) this.#tailLength -= this.#tail.shift()!.length
    return this.#options.hidesUsage ? this.#filter(chunk) : chunk
  }

  /** The response ended or was cut: returns the bytes held back. */
  end(): Uint8Array {
    const held = this.#held
    this.#held = Buffer.alloc(0)
    return this.#takeUsage(held) ? nothing : held
  }

  usage(): RelayUsage | undefined {
    if (this.#hidden !== undefined) return this.#hidden
    const tail = Buffer.concat(this.#tail).toString('utf8')
    if (this.#options.stream) return usageInEvents(Buffer.from(this.#head).toString('utf8'), tail)
    return usageInJson(tail, this.#length === this.#tailLength)
  }

  #filter(chunk: Uint8Array): Uint8Array {
    const arrived = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const bytes = this.#held.length === 0 ? arrived : Buffer.concat([this.#held, arrived])
    const passed: Buffer[] = []
    let passedFrom = 0
    let from = 0
    for (let end = eventEnd(bytes, from); end > 0; end = eventEnd(bytes, from)) {
      if (!this.#isPassing && this.#takeUsage(bytes.subarray(from, end))) {
        passed.push(bytes.subarray(passedFrom, from))
        passedFrom = end
      }
      this.#isPassing = false
      from = end
    }
    this.#isPassing ||= bytes.length - from > longestHeld
    // A line break at the very end may be half of the one that ends the event.
    const heldFrom = this.#isPassing ? Math.max(from, bytes.length - longestBreak) : from
    passed.push(bytes.subarray(passedFrom, heldFrom))
    this.#held = Buffer.from(bytes.subarray(heldFrom))
    return passed.length === 1 ? passed[0]! : Buffer.concat(passed)
  }

  /** Whether the event is usage only; keeps the usage. */
  #takeUsage(event: Buffer): boolean {
    if (event.length > longestHeld || !event.includes('"usage"')) return false
    const text = event.toString('utf8')
    if (!/"choices"\s*:\s*\[\s*\]/.test(text)) return false
    const usage = onlyUsage(text)
    this.#hidden = usage ?? this.#hidden
    return usage !== undefined
  }
}

/** The offset after the blank line that ends the event; 0 if there is none. */
function eventEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(lineFeed, from); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) {
    if (bytes[at + 1] === lineFeed) return at + 2
    if (bytes[at + 1] === carriageReturn && bytes[at + 2] === lineFeed) return at + 3
  }
  return 0
}

function onlyUsage(event: string): RelayUsage | undefined {
  const data = event.split(/\r?\n/).flatMap((line) => /^data: ?(.*)$/s.exec(line)?.[1] ?? [])
  try {
    const value = JSON.parse(data.join('\n')) as { choices?: unknown; usage?: unknown } | null
    const isOnly = Array.isArray(value?.choices) && value.choices.length === 0
    return isOnly && typeof value.usage === 'object' && value.usage !== null ? usageOf(value) : undefined
  } catch {
    return undefined
  }
}
