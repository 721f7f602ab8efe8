/**
 * Finds the usage in the last bytes of a response, which may start anywhere: in the last event that has one or, if the start of
 * that event is missing, in the object after the last `"usage":`. In JSON a quote within a string is escaped, so model output
 * cannot look like that key. Never throws.
 */

import type { RelayUsage } from '../upstream.ts'
import { mergedUsage, normalised, usageOf } from './usage.ts'

/** For a stream; `head` is its start, where Anthropic's messages count the prompt. */
export function usageInEvents(head: string, tail: string): RelayUsage | undefined {
  const last = lastIn(tail) ?? usageAfterKey(tail)
  if (last === undefined || last.promptTokens > 0) return last
  return mergedUsage(firstIn(head), last)
}

/** For a single JSON value; `whole`: nothing is missing. */
export function usageInJson(tail: string, whole: boolean): RelayUsage | undefined {
  return (whole ? usageOf(parsed(tail)) : undefined) ?? usageAfterKey(tail)
}

/** Pre-check of a `data:` line before parsing. */
const mayCarry = /"usage"|"tokens_predicted"|"prompt_eval_count"/

function lastIn(text: string): RelayUsage | undefined {
  for (const line of text.split(/\r\n|\n|\r/).reverse()) {
    const usage = inLine(line)
    if (usage !== undefined) return usage
  }
  return undefined
}

function firstIn(text: string): RelayUsage | undefined {
  for (const line of text.split(/\r\n|\n|\r/)) {
    const usage = inLine(line)
    if (usage !== undefined) return usage
  }
  return undefined
}

/** A line of events or JSON lines. */
function inLine(line: string): RelayUsage | undefined {
  return mayCarry.test(line) ? usageOf(parsed(line.replace(/^data: ?/, ''))) : undefined
}

function usageAfterKey(text: string): RelayUsage | undefined {
  for (
    let at = text.lastIndexOf('"usage"');
    at >= 0;
    at = at === 0 ? -1 : text.lastIndexOf('"usage"', at - 1)
  ) {
    const rest = /^"usage"\s*:\s*(?=\{)/.exec(text.slice(at, at + 64))
    if (rest === null) continue
    const value = parsed(balanced(text, at + rest[0].length))
    const usage =
      typeof value === 'object' && value !== null ? normalised(value as Record<string, unknown>) : undefined
    if (usage !== undefined) return usage
  }
  return undefined
}

const longestUsage = 4096

/** The object that starts at `from`; empty if it does not end. Usage objects have no strings with braces. */
function balanced(text: string, from: number): string {
  let depth = 0
  for (let at = from; at < Math.min(text.length, from + longestUsage); at += 1) {
    if (text[at] === '{') depth += 1
    if (text[at] === '}') depth -= 1
    if (depth === 0) return text.slice(from, at + 1)
  }
  return ''
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
