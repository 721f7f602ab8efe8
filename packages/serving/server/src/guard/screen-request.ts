/**
 * Screens a request before a model is loaded. Applies the policy's action and rewrites the body if required. Dialect-independent:
 * `written-texts.ts` reads bodies, `fixed-answer.ts` writes responses.
 */

import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@hadal/base'
import { failedRule, guardLockedOut, type Role, type Verdict, withCanary } from '@hadal/guard'
import { guardBlocked, guardFailed, guardTokensUnreadable } from './errors.ts'
import type { GuardCaller, GuardReporter } from './guard-reporter.ts'
import { OutputWatch } from './output-watch.ts'
import type { ScreenedBefore } from './screened-before.ts'
import type { GuardPolicy, ServerGuard } from './server-guard.ts'
import { type WrittenText, withSystemText, withTexts, writtenTexts } from './written-texts.ts'

export interface RequestedGuard {
  readonly guard: ServerGuard
  readonly before: ScreenedBefore
  readonly reporter: GuardReporter
  readonly canary: string
  readonly clock: Clock
  /** Aborted when the client has disconnected; its reason is then thrown. */
  readonly signal: AbortSignal
}

export type Screening =
  /** The body continues to the model, with an optional output watch. */
  | {
      readonly kind: 'pass'
      readonly body: unknown
      readonly isRedacted: boolean
      readonly output?: OutputWatch
    }
  /** Nothing is generated; this is the response. */
  | { readonly kind: 'answer'; readonly text: string; readonly finishReason: 'content_filter' | 'stop' }

/** Throws `guard_locked_out`, `guard_tokens_unreadable`, `guard_failed`, and `guard_blocked` if the policy blocks with errors. */
export async function screenRequest(
  requestId: string,
  body: unknown,
  caller: GuardCaller,
  requested: RequestedGuard,
): Promise<Screening> {
  const { guard, clock, canary } = requested
  const lockedMillis = guard.budget?.lockedFor(caller.id, clock.now()) ?? 0
  const lockedSeconds = Math.ceil(lockedMillis / 1000)
  if (lockedSeconds > 0) throw guardLockedOut(lockedSeconds).with({ retryAfterSeconds: lockedSeconds })
  const { texts, hasTokens } = writtenTexts(body)
  if (hasTokens && guard.policyFor('user', caller.name).tokenPrompts === 'refuse')
    throw guardTokensUnreadable()

  const round = new Round(requestId, caller, requested)
  const screened: string[] = []
  for (const { role, text } of texts) {
    // Assistant texts were screened when they were generated.
    screened.push(role === 'assistant' ? text : await round.screen(role, text))
    if (round.isBlocked) break
  }
  const asTheyGoOn = texts.map((each, at) => ({ ...each, text: screened[at] ?? each.text }))
  for (const { role, text } of splitTexts(asTheyGoOn)) {
    if (round.isBlocked) break
    await round.screen(role, text)
  }
  const worst = round.end()
  if (worst?.action === 'block' || worst?.action === 'reply') return answerTo(worst, requestId, caller, guard)

  const isRedacted = screened.some((text, at) => text !== texts[at]!.text)
  const redacted = isRedacted ? withTexts(body, screened) : body
  const wantsCanary = guard.policyFor('assistant', caller.name).output.canary !== 'off'
  const marked = wantsCanary ? withSystemText(redacted, (text) => withCanary(text, canary)) : redacted
  const output = await round.guarded('assistant', () =>
    OutputWatch.of({
      guard,
      key: caller.name,
      texts,
      ...(marked !== redacted && { canary }),
      report: (verdict) => requested.reporter.report({ requestId, caller, verdict, text: '' }),
      withheld: (tokens) => requested.reporter.withheld(tokens),
    }),
  )
  return { kind: 'pass', body: marked, isRedacted, ...(output !== undefined && { output }) }
}

function answerTo(
  worst: Verdict,
  requestId: string,
  caller: GuardCaller,
  guard: ServerGuard,
): Extract<Screening, { kind: 'answer' }> {
  const policy = guard.policyFor(worst.role, caller.name)
  switch (answeredWith(worst, policy)) {
    case 'guard_failed':
      throw guardFailed(requestId)
    case 'guard_blocked':
      throw guardBlocked()
    case 'reply':
      return { kind: 'answer', text: worst.reply ?? policy.reply, finishReason: 'stop' }
    default:
      return { kind: 'answer', text: '', finishReason: 'content_filter' }
  }
}

type Answered = 'guard_failed' | 'guard_blocked' | 'reply' | 'content_filter'

/** Undefined if the verdict blocks nothing. */
function answeredWith(
  { action, findings }: Verdict,
  { blockAs }: Pick<GuardPolicy, 'blockAs'>,
): Answered | undefined {
  if (action !== 'block') return action === 'reply' ? 'reply' : undefined
  if (findings[0]?.rule === failedRule) return 'guard_failed'
  return blockAs === 'error' ? 'guard_blocked' : 'content_filter'
}

/** Joins adjacent prompt texts, because an attack may be split over parts and messages. */
function splitTexts(
  texts: readonly WrittenText[],
): readonly { readonly role: Role; readonly text: string }[] {
  const groups = new Map<number, WrittenText[]>()
  for (const each of texts) {
    if (each.role === 'assistant' || each.group < 0) continue
    const group = groups.get(each.group)
    if (group === undefined) groups.set(each.group, [each])
    else group.push(each)
  }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .flatMap((group) => {
      const said = group.map(({ text }) => text)
      const joined = [said.join('\n')]
      // Some APIs and templates insert no separator.
      if (said.some((text, at) => endsInWord.test(text) && beginsInWord.test(said[at + 1] ?? '')))
        joined.push(said.join(''))
      return joined.map((text) => ({ role: group[0]!.role, text }))
    })
}

const endsInWord = /[\p{L}\p{N}]$/u
const beginsInWord = /^[\p{L}\p{N}]/u

/** Yields to the event loop after this many milliseconds. */
const breathMillis = 8

const severities: readonly Verdict['action'][] = ['allow', 'flag', 'redact', 'reply', 'block']

/** Screens the texts of one request. */
class Round {
  readonly #requestId: string
  readonly #caller: GuardCaller
  readonly #requested: RequestedGuard
  #worst: Verdict | undefined
  #near: Verdict | undefined
  #breath: number

  constructor(requestId: string, caller: GuardCaller, requested: RequestedGuard) {
    this.#requestId = requestId
    this.#caller = caller
    this.#requested = requested
    this.#breath = requested.clock.now()
  }

  get isBlocked(): boolean {
    return this.#worst?.action === 'block'
  }

  /** Returns the text to use. Throws `guard_failed`. */
  async screen(role: Role, text: string): Promise<string> {
    const { before, clock, guard } = this.#requested
    const policy = guard.policyFor(role, this.#caller.name)
    const digest = before.digest(this.#caller.name, role, text)
    const known = before.find(digest, policy, clock.now())
    if (known !== undefined) return known.instead ?? text
    await this.#breathe()
    this.#requested.signal.throwIfAborted()
    const verdict = await this.guarded(role, () => guard.screen(text, { role, key: this.#caller.name }))
    if (verdict === undefined) return text
    if (
      severities.indexOf(verdict.action) > severities.indexOf(this.#worst?.action ?? 'allow') ||
      !this.#worst
    )
      this.#worst = verdict
    if (verdict.isNearMiss) this.#near = verdict
    const answered = answeredWith(verdict, policy)
    const of = { requestId: this.#requestId, caller: this.#caller }
    this.#requested.reporter.report({ ...of, verdict, text, ...(answered !== undefined && { answered }) })
    if (verdict.action === 'block' || verdict.action === 'reply') return text
    const instead = verdict.action === 'redact' ? verdict.text : undefined
    if (Object.keys(verdict.failed).length === 0) before.add(digest, { instead, policy, at: clock.now() })
    return instead ?? text
  }

  /** The most severe new verdict; undefined if nothing new was screened. */
  end(): Verdict | undefined {
    const worst = this.#worst
    if (worst === undefined) return undefined
    const { guard, clock } = this.#requested
    const isStopped = worst.action === 'block' || worst.action === 'reply'
    guard.budget?.note(this.#caller.id, isStopped ? worst : (this.#near ?? worst), clock.now())
    return worst
  }

  /** The guard's result; undefined if it throws and the policy fails open. Throws `guard_failed`. */
  async guarded<T>(role: Role, ask: () => T | Promise<T>): Promise<T | undefined> {
    const { guard, reporter } = this.#requested
    try {
      return await ask()
    } catch (error) {
      reporter.failed(this.#requestId, error)
      if (guard.policyFor(role, this.#caller.name).failClosed)
        throw guardFailed(this.#requestId).with({ cause: error })
      return undefined
    }
  }

  async #breathe(): Promise<void> {
    const { clock } = this.#requested
    if (clock.now() - this.#breath < breathMillis) return
    await setImmediate()
    this.#breath = clock.now()
  }
}
