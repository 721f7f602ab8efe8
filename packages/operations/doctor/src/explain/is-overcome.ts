/**
 * Detects whether a later line of the same text reports recovery: a retry that succeeded, a pod that got its node or its image, a
 * test that passed.
 */

import { kubernetesAge } from './kubernetes-age.ts'

export type IsOvercome = (index: number) => boolean

interface Line {
  readonly raw: string
  readonly text: string
}

const retries =
  /\b(?:retrying|will (?:be )?(?:retry|retried|try again)|trying again|try again in|trying (?:the )?(?:next|another)|next attempt in|attempt \d+ ?(?:of|\/) ?\d+)\b/i
const succeeds =
  /(?<!not |never |dis|un)\b(?:(?:re)?connected|recovered|succeeded|established|completed|successful(?:ly)?|after \d+ (?:attempts?|retr(?:y|ies)|tries)|(?:is|are|now) (?:ready|reachable|healthy|up))\b/i
const fails =
  /\b(?:fail(?:ed|s|ure)?|errors?|unable|could not|cannot|can't|giv(?:e|es|ing) up|gave up|exceeded|unsuccessful(?:ly)?|exception)\b/i
/** Number of lines in which the success of a retry is searched for, and behind it another retry. */
const within = 500

/** Go and GoogleTest print a test's output between its name and its end. */
const testBegins = /^(?:=== RUN |\[ RUN {6}\]) {0,3}\S/
const testEnds = /^\s*(?:--- (?<go>PASS|FAIL|SKIP)|\[ {2,7}(?<google>OK|FAILED|SKIPPED) ?\])/
const testWithin = 200

const schedulingFailed = /\bFailedScheduling\b/
const scheduled = /\bScheduled\s.*\bSuccessfully assigned\b/
const pullFailed = /\b(?:[Ff]ailed to pull image|ErrImagePull|ImagePullBackOff|Back-off pulling image)\b/
const pulled = /\bPulled\s.*\b(?:Successfully pulled image|already present on machine)/
const descriptionStart = /^Name:\s/
const imageName = /\bimage "(?<name>[^"]{1,300})"/

/** Lookups in one text: it is scanned once per kind, and only when something of that kind was seen. */
export function createIsOvercome(lines: readonly Line[]): IsOvercome {
  const allOf = (isOne: (line: Line) => boolean): (() => readonly number[]) => {
    let found: readonly number[] | undefined
    return () => (found ??= lines.flatMap((line, index) => (isOne(line) ? [index] : [])))
  }
  const descriptions = allOf(({ raw }) => descriptionStart.test(raw))
  const testMarks = allOf(({ text }) => testBegins.test(text) || testEnds.test(text))
  const successes = allOf(({ text }) => succeeds.test(text) && !fails.test(text) && !retries.test(text))
  const allRetries = allOf(({ text }) => retries.test(text))
  /** The pod of an event or, in a description, which of the pods that stand one below another. */
  const podOf = (index: number): string =>
    /\bpod\/(?<pod>[\w.-]{1,250})/.exec(lines[index]!.raw)?.groups?.pod ??
    `#${firstFrom(descriptions(), index)}`
  const isLater = (a: number, b: number): boolean => {
    const [young, old] = [kubernetesAge(lines[a]!.raw), kubernetesAge(lines[b]!.raw)]
    return young === undefined || old === undefined || young === old ? a > b : young < old
  }
  const latest = (pattern: RegExp, keysOf: (index: number) => readonly string[]): (() => Latest) => {
    const all = allOf(({ raw }) => pattern.test(raw))
    let found: Map<string, number> | undefined
    return () => {
      if (found !== undefined) return found
      found = new Map()
      for (const index of all())
        for (const key of keysOf(index)) {
          const known = found.get(key)
          if (known === undefined || isLater(index, known)) found.set(key, index)
        }
      return found
    }
  }
  const pullKey = (index: number): string =>
    `${podOf(index)} ${imageName.exec(lines[index]!.raw)?.groups?.name ?? ''}`
  const placements = latest(scheduled, (index) => [podOf(index)])
  const pulls = latest(pulled, (index) => [pullKey(index), `${podOf(index)} `])
  const isAfter = (success: number | undefined, failure: number): boolean =>
    success !== undefined && isLater(success, failure)

  return (index) => {
    const { raw, text } = lines[index]!
    const mark = testMarks()[firstFrom(testMarks(), index)]
    const { go, google } = testEnds.exec(lines[mark ?? index]!.text)?.groups ?? {}
    if (mark !== undefined && mark < index + testWithin && (go === 'PASS' || google === 'OK')) return true
    if (schedulingFailed.test(raw)) return isAfter(placements().get(podOf(index)), index)
    if (pullFailed.test(raw)) return isAfter(pulls().get(pullKey(index)), index)
    if (!retries.test(text)) return false
    const last = successes()[firstFrom(successes(), index + 1 + within) - 1] ?? -1
    const next = allRetries()[firstFrom(allRetries(), last)] ?? Number.POSITIVE_INFINITY
    return last > index && next > last + within
  }
}

type Latest = ReadonlyMap<string, number>

/** Index of the first value >= `least` in an ascending list. */
function firstFrom(rising: readonly number[], least: number): number {
  let low = 0
  for (let high = rising.length; low < high; ) {
    const middle = (low + high) >> 1
    if (rising[middle]! < least) low = middle + 1
    else high = middle
  }
  return low
}
