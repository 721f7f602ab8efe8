/**
 * What reading a surviving mutant came to. Equivalent ones are not run again: no test can tell them from the original. Found by
 * the text of their line, so that the table outlives edits elsewhere in the file.
 */

export interface Judged {
  /** Relative to the root of the repository. */
  readonly file: string
  /** The line, trimmed. */
  readonly code: string
  /** `Mutant.change`; absent: every mutant of the line. */
  readonly change?: string
  readonly verdict: 'equivalent' | 'cosmetic' | 'should be tested'
  readonly reason: string
}

type Row = readonly [code: string, change: string | undefined, reason: string]

const judgedIn = (file: string, verdict: Judged['verdict'], rows: readonly Row[]): Judged[] =>
  rows.map(([code, change, reason]) => ({
    file,
    code,
    ...(change !== undefined && { change }),
    verdict,
    reason,
  }))

const batching = 'packages/batching/src'
const scaling = 'packages/fleet/src/scaling'
const guard = 'packages/guard/src'

export const judged: readonly Judged[] = [
  ...judgedIn(`${batching}/batch-queue.ts`, 'equivalent', [
    [
      'this.#dueAt = this.#mayFitMore() ? dueAt : undefined',
      'this.#mayFitMore() → true',
      '`enter` clears the cached time when no more may fit',
    ],
    [
      'if (this.size === 0) this.#longest = 0',
      'this.size === 0 → false',
      'a length that is too large only makes the queue plan anew',
    ],
  ]),
  ...judgedIn(`${batching}/fair-queue.ts`, 'equivalent', [
    [
      'if (nextDue === undefined || nextDue > now) return []',
      '|| → &&',
      'the early exit saves time; the filter below finds none',
    ],
  ]),
  ...judgedIn(`${batching}/fair-shares.ts`, 'equivalent', [
    [
      'if (waiting === 0) this.#served.set(key, this.of(key))',
      'waiting === 0 → true',
      'a key that waits is set to what it has',
    ],
    [
      'if (this.#waiting.size === 1) this.#raiseFloor()',
      'this.#waiting.size === 1 → true',
      'the floor is the least of those that wait already',
    ],
  ]),
  ...judgedIn(`${batching}/plan-kind-pass.ts`, 'equivalent', [
    [
      'return { part, level: 1, arrivedAt: 0, tokens, passedOver }',
      '1 → 2',
      'all candidates have the same level',
    ],
  ]),
  ...judgedIn(`${batching}/plan-pass.ts`, 'equivalent', [
    [
      'for (let input = 0; open.length > 0 && parts.length < places; input += 1) {',
      '< → <=',
      'the loop within ends as soon as all places are taken',
    ],
  ]),
  ...judgedIn(`${batching}/service-rate.ts`, 'equivalent', [
    ['deviation = 0', '0 → 1', 'the first measurement sets it'],
    [
      'return (this.#first.mean ?? 0) + (this.#first.mean === undefined ? 0 : deviations * this.#first.deviation)',
      'this.#first.mean === undefined → false',
      'the deviation is 0 before the first measurement',
    ],
  ]),
  ...judgedIn(`${batching}/step-costs.ts`, 'equivalent', [
    [
      'const scale = [1, 0.1, 0.01, 0.0001] as const',
      undefined,
      'units of the fit; they leave its result as it is, up to the ridge',
    ],
  ]),
  ...judgedIn(`${batching}/tune/search-knobs.ts`, 'equivalent', [
    ['let best = attempt(start, 0) ?? { knobs: start, score: 0 }', '0 → 1', 'nothing is near the start'],
  ]),
  ...judgedIn(`${scaling}/decide-scale.ts`, 'equivalent', [
    [
      'if (!policy.scaleToZero || !isSilent || silentSince === undefined || wantsByForecast > 0) return false',
      '|| → && (3)',
      'silence has no beginning while it is not silent, and nothing is silent without scaling to zero',
    ],
  ]),
  ...judgedIn(`${scaling}/line-of-requests.ts`, 'equivalent', [
    [
      'const sinceMillis = past.waitingAt === undefined ? Number.NaN : at - past.waitingAt',
      'past.waitingAt === undefined → false',
      'a difference with undefined is NaN',
    ],
  ]),
  ...judgedIn(`${scaling}/remembered.ts`, 'equivalent', [
    [
      'lastUpAt: changedFrom !== undefined && replicas > changedFrom ? now : past.lastUpAt,',
      '> → >=',
      '`changedFrom` is never the number there is',
    ],
    [
      'lastDownAt: changedFrom !== undefined && replicas < changedFrom ? now : past.lastDownAt,',
      '< → <=',
      '`changedFrom` is never the number there is',
    ],
  ]),
  ...judgedIn(`${guard}/pipeline/run-check.ts`, 'equivalent', [
    [
      "signal?.addEventListener('abort', leave, { once: true })",
      'true → false',
      'an abort comes once, and the listener is removed at the end',
    ],
  ]),
  ...judgedIn(`${guard}/pipeline/screen-text.ts`, 'equivalent', [
    [
      'const severityOf: Readonly<Record<Action, number>> = { flag: 0, redact: 1, reply: 2, block: 3 }',
      '3 → 4',
      'only the order counts',
    ],
    [
      'const severityOf: Readonly<Record<Action, number>> = { flag: 0, redact: 1, reply: 2, block: 3 }',
      '3 → 6',
      'only the order counts',
    ],
    [
      'const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)',
      '1 → 2',
      'only the sign counts',
    ],
    [
      'const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)',
      '1 → 2 (2)',
      'only the sign counts',
    ],
  ]),
  ...judgedIn(`${guard}/policy/resolve-policy.ts`, 'equivalent', [
    [
      'const own = pattern === undefined ? undefined : policy.keys[pattern]',
      'pattern === undefined → false',
      'no key is called undefined',
    ],
  ]),
]
