/** Runs a policy's steps on one text, in order, and combines their findings into a verdict: the most severe action wins. */

import type { Clock } from '@hadal/base'
import type { Action, Role, Step, View } from '../check.ts'
import type { RolePolicy } from '../policy/policy.ts'
import type { StepTiming, Verdict, VerdictFinding } from '../verdict.ts'
import { ScreenedText } from './requested-text.ts'
import { failedRule } from './failed-rule.ts'
import { type Outcome, runCheck } from './run-check.ts'

export interface PlannedStep extends Step {
  /** The false-positive rate that its threshold represents. */
  readonly falsePositiveRate?: number
}

export interface ScreenOptions {
  readonly role: Role
  readonly key?: string | undefined
  readonly steps: readonly PlannedStep[]
  readonly policy: Pick<RolePolicy, 'failClosed' | 'timeoutMillis' | 'maxCharacters' | 'nearMiss' | 'reply'>
  readonly viewsOf: (text: string) => readonly View[]
  readonly redact: (text: string, findings: readonly VerdictFinding[]) => string
  readonly clock: Clock
  /** Run every step, even after one that blocks. */
  readonly explain?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** Yields to the event loop after this many milliseconds. */
const breathMillis = 10

/** Rejects only with the reason of `signal`. */
export async function screenText(text: string, options: ScreenOptions): Promise<Verdict> {
  const { role, key, policy, clock, signal, explain = false } = options
  signal?.throwIfAborted()
  const start = clock.now()
  const { maxCharacters, timeoutMillis } = policy
  const ask = new ScreenedText({
    text,
    role,
    key,
    maxCharacters,
    viewsOf: options.viewsOf,
    now: () => clock.now(),
  })
  const said = new Said(text, options)
  let breath = start
  for (const step of options.steps) {
    if (step.roles !== undefined && !step.roles.includes(role)) continue
    const before = clock.now()
    if (before - breath > breathMillis) {
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
      breath = clock.now()
    }
    const viewedBefore = ask.viewMillis ?? 0
    const begun = clock.now()
    const answer = runCheck(step.check, ask, { timeoutMillis, clock, signal })
    const outcome = answer instanceof Promise ? await answer : answer
    const millis = clock.now() - begun - ((ask.viewMillis ?? 0) - viewedBefore)
    said.add(step, outcome, millis)
    if (said.isBlocked && !explain) break
  }
  return said.verdict(ask, clock.now() - start)
}

const severityOf: Readonly<Record<Action, number>> = { flag: 0, redact: 1, reply: 2, block: 3 }

/** Findings collected so far. */
class Said {
  /** Blocked by a check; no later finding can be more severe. */
  isBlocked = false
  readonly #text: string
  readonly #options: ScreenOptions
  readonly #findings: VerdictFinding[] = []
  readonly #suspicion: Record<string, number> = {}
  readonly #abstained: Record<string, string> = {}
  readonly #failed: Record<string, string> = {}
  readonly #timings: StepTiming[] = []
  #isNear = false

  constructor(text: string, options: ScreenOptions) {
    this.#text = text
    this.#options = options
  }

  add(step: PlannedStep, outcome: Outcome, millis: number): void {
    const { name, layer, action } = step
    this.#timings.push({ check: name, layer, micros: micros(millis) })
    if ('failure' in outcome) {
      this.#failed[name] = outcome.failure
      if (this.#options.policy.failClosed && action !== 'flag')
        this.#findings.push({
          rule: failedRule,
          span: { start: 0, end: this.#text.length },
          view: 'original',
          why: `${name} could not read it: ${outcome.failure}`,
          check: name,
          layer,
          action: 'block',
        })
      return
    }
    const { findings, suspicion, abstained } = outcome.result
    if (suspicion !== undefined) this.#suspicion[name] = suspicion
    if (abstained !== undefined) this.#abstained[name] = abstained
    for (const finding of findings)
      this.#findings.push(Object.assign(finding, { check: name, layer, action }))
    if (findings.length > 0 && action === 'block') this.isBlocked = true
    if (findings.length === 0 && action !== 'flag') this.#isNear ||= this.#isNearly(step, suspicion)
  }

  #isNearly({ falsePositiveRate }: PlannedStep, suspicion = 0): boolean {
    return (
      falsePositiveRate !== undefined && suspicion >= 1 - falsePositiveRate * this.#options.policy.nearMiss
    )
  }

  verdict({ screened, viewMillis }: ScreenedText, millis: number): Verdict {
    const findings = this.#findings.sort(bySeverity)
    const action = findings[0]?.action ?? 'allow'
    const { policy, redact } = this.#options
    const isUnread = viewMillis !== undefined && this.#text.length > policy.maxCharacters
    if (isUnread) this.#abstained.views = `read ${policy.maxCharacters} of ${this.#text.length} characters`
    const redacted = findings.filter((finding) => finding.action === 'redact')
    return {
      action,
      role: screened.role,
      language: screened.language,
      findings,
      text: action === 'redact' ? redact(this.#text, redacted) : this.#text,
      ...(action === 'reply' && { reply: policy.reply }),
      suspicion: this.#suspicion,
      abstained: this.#abstained,
      failed: this.#failed,
      isNearMiss: this.#isNear && (action === 'allow' || action === 'flag'),
      timings: [
        ...(viewMillis === undefined ? [] : [{ check: 'views', layer: 'views', micros: micros(viewMillis) }]),
        ...this.#timings,
      ],
      micros: micros(millis),
    }
  }
}

const micros = (millis: number): number => Math.max(0, Math.round(millis * 1000))

/** Independent of step order. Failures sort after findings. */
function bySeverity(a: VerdictFinding, b: VerdictFinding): number {
  return (
    severityOf[b.action] - severityOf[a.action] ||
    Number(a.rule === failedRule) - Number(b.rule === failedRule) ||
    a.span.start - b.span.start ||
    a.span.end - b.span.end ||
    inOrder(a.check, b.check) ||
    inOrder(a.rule, b.rule) ||
    inOrder(a.view, b.view)
  )
}

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
