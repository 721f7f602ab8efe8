/** Watches one request's output: holds it back until it is screened, or only observes it. Independent of dialects and sources. */

import { messageOf } from '@hadal/base'
import {
  canaryCheck,
  failedRule,
  leakCheck,
  OutputGuard,
  OutputObserver,
  type PersonalDataKind,
  type SecretKind,
  type Step,
  StreamRedactor,
  type StreamRedactorOptions,
  type Verdict,
  withoutCanary,
} from '@hadal/guard'
import type { GuardPolicy, ServerGuard } from './server-guard.ts'
import type { WrittenText } from './written-texts.ts'

export interface OutputWatchOptions {
  readonly guard: ServerGuard
  readonly key: string
  /** Texts of the request. */
  readonly texts: readonly WrittenText[]
  /** Canary inserted into the system prompt. */
  readonly canary?: string
  /** Called with one verdict per choice in which something was screened. */
  readonly report: (verdict: Verdict) => void
  /** Counts tokens that are never sent. */
  readonly withheld: (tokens: number) => void
}

export class OutputWatch {
  readonly #options: OutputWatchOptions
  readonly #policy: GuardPolicy
  readonly #steps: readonly Step[]

  /** Undefined if the policy checks no output. */
  static of(options: OutputWatchOptions): OutputWatch | undefined {
    const { guard, key } = options
    const policy = guard.policyFor('assistant', key)
    const steps = ownSteps(options, policy.output)
    if (steps.length === 0 && guard.stepsFor('assistant', key).length === 0) return undefined
    return new OutputWatch(options, policy, steps)
  }

  constructor(options: OutputWatchOptions, policy: GuardPolicy, steps: readonly Step[]) {
    this.#options = options
    this.#policy = policy
    this.#steps = steps
  }

  /** Removes inserted text from a request text that a response quotes. */
  asSent(text: string): string {
    const { canary } = this.#options
    return canary === undefined ? text : withoutCanary(text, canary)
  }

  /** True if output is held back; false if it is only observed. */
  get holdsBack(): boolean {
    return this.#policy.output.holdBackTokens > 0
  }

  /** Creates the guard of one choice. */
  guard<Item>(): OutputGuard<Item> {
    const { output, checks } = this.#policy
    const { holdBackTokens, secrets, personalData } = output
    const kinds: StreamRedactorOptions = {
      ...(secrets === 'redact' && { secrets: (checks.secrets.kinds as SecretKind[] | undefined) ?? true }),
      ...(personalData === 'redact' && {
        personalData: (checks.personalData.kinds as PersonalDataKind[] | undefined) ?? true,
      }),
    }
    return new OutputGuard({
      screen: (text) => this.#screen(text),
      holdBackTokens,
      ...(Object.keys(kinds).length > 0 && { redactor: () => new StreamRedactor(kinds) }),
    })
  }

  /** Creates the observer of one choice. */
  observer(): OutputObserver {
    return new OutputObserver({ screen: (text) => this.#screen(text) })
  }

  /** Reports the verdict of a finished choice. */
  report(verdict: Verdict | undefined): void {
    if (verdict !== undefined) this.#options.report(verdict)
  }

  withheld(tokens: number): void {
    if (tokens > 0) this.#options.withheld(tokens)
  }

  async #screen(text: string): Promise<Verdict> {
    const { guard, key } = this.#options
    try {
      return await guard.screen(text, { role: 'assistant', key, alsoSteps: this.#steps })
    } catch (error) {
      return unscreened(text, messageOf(error), this.#policy.failClosed)
    }
  }
}

/** The verdict when the guard throws. */
function unscreened(text: string, why: string, failClosed: boolean): Verdict {
  const span = { start: 0, end: text.length }
  const failed = { rule: failedRule, span, view: 'original', why, check: 'guard', layer: 'output' }
  return {
    action: failClosed ? 'block' : 'allow',
    role: 'assistant',
    language: 'other',
    findings: failClosed ? [{ ...failed, action: 'block' }] : [],
    text,
    suspicion: {},
    abstained: {},
    failed: { guard: why },
    isNearMiss: false,
    timings: [],
    micros: 0,
  }
}

/** Checks for leaks of this request's own system prompt. */
function ownSteps(
  { texts, canary }: OutputWatchOptions,
  { leak, canary: found }: GuardPolicy['output'],
): Step[] {
  const of = (role: string): string[] => texts.filter((each) => each.role === role).map(({ text }) => text)
  const system = texts.filter((each) => each.role === 'system' && each.group >= 0).map(({ text }) => text)
  return [
    ...(leak === 'off' || system.length === 0
      ? []
      : [{ name: 'leak', layer: 'output', check: leakCheck(system, {}, of('user')), action: leak }]),
    ...(found === 'off' || canary === undefined
      ? []
      : [{ name: 'canary', layer: 'output', check: canaryCheck(canary), action: found }]),
  ]
}
