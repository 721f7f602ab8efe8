/**
 * Whether a later line of the same text says that it went well after all: a retry that succeeded, a pod that got its node or its image, a
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
/** So far behind what is retried its success is looked for. */
const successWithin = 500

/** Of Go and of GoogleTest, which say what a test printed between its name and its end. */
const testBegins = /^(?:=== RUN |\[ RUN {6}\]) {0,3}\S/
const testEnds = /^\s*(?:--- (?<go>PASS|FAIL|SKIP)|\[ {2,7}(?<google>OK|FAILED|SKIPPED) ?\])/
const testWithin = 200

const schedulingFailed = /\bFailedScheduling\b/
const scheduled = /\bScheduled\s.*\bSuccessfully assigned\b/
const pullFailed = /\b(?:[Ff]ailed to pull image|ErrImagePull|ImagePullBackOff|Back-off pulling image)\b/
const pulled = /\bPulled\s.*\b(?:Successfully pulled image|already present on machine)/
const descriptionStart = /^Name:\s/
const imageName = /\bimage "(?<name>[^"]{1,300})"/

/** What is asked of one text: lines are looked through once, and only where something of the kind was seen. */
export function createIsOvercome(lines: readonly Line[]): IsOvercome {
  const isLater = (success: number, failure: number): boolean => {
    const ages = [success, failure].map((index) => kubernetesAge(lines[index]!.raw))
    const [young, old] = ages
    return young === undefined || old === undefined || young === old ? success > failure : young < old
  }
  const found = new Map<RegExp, readonly number[]>()
  const allOf = (pattern: RegExp): readonly number[] => {
    const known = found.get(pattern)
    if (known !== undefined) return known
    const all = lines.flatMap(({ raw, text }, index) =>
      pattern.test(raw) || pattern.test(text) ? [index] : [],
    )
    found.set(pattern, all)
    return all
  }
  const names = (): readonly number[] => allOf(descriptionStart)
  /** The pod of an event or, in a description, which of the pods that stand one below another. */
  const podOf = (index: number): string =>
    /\bpod\/(?<pod>[\w.-]{1,250})/.exec(lines[index]!.raw)?.groups?.pod ??
    `#${names().filter((name) => name < index).length}`
  const isFollowed = (failure: number, success: RegExp, fits: (success: number) => boolean): boolean =>
    allOf(success).some((index) => isLater(index, failure) && podOf(index) === podOf(failure) && fits(index))
  const imageOf = (index: number): string | undefined => imageName.exec(lines[index]!.raw)?.groups?.name

  const hasPassed = (index: number): boolean => {
    const marks = lines.slice(index, index + testWithin)
    const next = marks.find(({ text }) => testBegins.test(text) || testEnds.test(text))
    const { go, google } = testEnds.exec(next?.text ?? '')?.groups ?? {}
    return go === 'PASS' || google === 'OK'
  }

  return (index) => {
    const { raw, text } = lines[index]!
    if (hasPassed(index)) return true
    if (schedulingFailed.test(raw)) return isFollowed(index, scheduled, () => true)
    if (pullFailed.test(raw)) {
      const image = imageOf(index)
      return isFollowed(index, pulled, (success) => image === undefined || imageOf(success) === image)
    }
    if (!retries.test(text)) return false
    return lines
      .slice(index + 1, index + 1 + successWithin)
      .some((later) => succeeds.test(later.text) && !fails.test(later.text) && !retries.test(later.text))
  }
}
