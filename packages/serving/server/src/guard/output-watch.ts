/**
 * What is looked for in the answers to one request, and how: held back until it was screened, or only observed. Knows neither
 * where answers come from nor how they are written.
 */

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
  /** Of the request. */
  readonly texts: readonly WrittenText[]
  /** That was put into its system prompt. */
  readonly canary?: string
  /** One verdict for each choice in which something was screened. */
  readonly report: (verdict: Verdict) => void
  /** Tokens that are never sent. */
  readonly withheld: (tokens: number) => void
}

export class OutputWatch {
  readonly #options: OutputWatchOptions
  readonly #policy: GuardPolicy
  readonly #steps: readonly Step[]

  /** Undefined where nothing is looked for. */
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

  /** A text of the request without what was put into it, for an answer that quotes it. */
  asSent(text: string): string {
    const { canary } = this.#options
    return canary === undefined ? text : withoutCanary(text, canary)
  }

  /** Else answers are only observed. */
  get holdsBack(): boolean {
    return this.#policy.output.holdBackTokens > 0
  }

  /** For one choice. */
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

  /** For one choice. */
  observer(): OutputObserver {
    return new OutputObserver({ screen: (text) => this.#screen(text) })
  }

  /** Of a choice that has ended. */
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

/** Of a guard that throws. */
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

/** Those that are about this request's own system prompt. */
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
