/**
 * What reading a surviving mutant came to. Equivalent ones are not run again: no test can distinguish them from the original. Found by
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

const batching = 'packages/serving/batching/src'
const scaling = 'packages/operations/fleet/src/scaling'
const guard = 'packages/serving/guard/src'

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
  ...judgedIn(`${batching}/fair-queue.ts`, 'equivalent', [
    [
      'constructor({ maxQueue, weightOf = () => 1, agingMillis = defaultAgingMillis }: FairQueueOptions) {',
      '1 → 2',
      'weights count only against each other',
    ],
    [
      'if (best === undefined || this.#compare(line[0]!, best, now, top) < 0) best = line[0]',
      '< → <=',
      'tickets differ: no two compare as equal',
    ],
  ]),
  ...judgedIn(`${batching}/fair-queue.ts`, 'cosmetic', [
    [
      'const ofKey = this.#ofKeys.get(place.key) ?? { count: 0, tokens: 0 }',
      '0 → 1 (2)',
      'the estimate of a wait is off by one token',
    ],
  ]),
  ...judgedIn(`${batching}/fair-shares.ts`, 'equivalent', [
    [
      'if (this.#served.size > this.#active.size + remembered) this.#forget()',
      '+ → -',
      'forgets only keys that begin at the floor anyway until the bound is reached',
    ],
    [
      'if (least <= this.#floor) return',
      'least <= this.#floor → false',
      'the early exit saves time; the floor never falls',
    ],
    [
      'if (!this.#active.has(key) && served <= this.#floor) this.#served.delete(key)',
      '<= → <',
      'a key at the floor begins there, remembered or not',
    ],
  ]),
  ...judgedIn(`${batching}/fair-shares.ts`, 'cosmetic', [
    [
      'if (this.#served.size <= this.#active.size + remembered) return',
      '<= → <',
      'remembers 999 idle keys instead of 1000',
    ],
  ]),
  ...judgedIn(`${batching}/batch-queue.ts`, 'cosmetic', [
    ['const batchesCompared = 8', undefined, 'a bound on the cost of a plan'],
  ]),
  ...judgedIn(`${batching}/plan-batch.ts`, 'equivalent', [
    [
      'let longest = chosen.reduce((most, { tokens }) => Math.max(most, tokens), 0)',
      '0 → 1',
      'an item has at least one token',
    ],
  ]),
  ...judgedIn(`${batching}/plan-drafts.ts`, 'cosmetic', [
    ['const renewal = 0.02', undefined, 'how fast hope returns is a choice'],
    [
      'if (count < decodes && cost !== undefined && cost > alone * maxDelay) continue',
      '> → >=',
      'a delay of exactly the most there may be',
    ],
  ]),
  ...judgedIn(`${batching}/plan-kind-pass.ts`, 'cosmetic', [
    ['const passesCompared = 8', undefined, 'a bound on the cost of a plan'],
    [
      'if (parts.length === most) return parts',
      'parts.length === most → false',
      'a bound on the cost of a plan',
    ],
  ]),
  ...judgedIn(`${batching}/plan-step.ts`, 'cosmetic', [
    [
      'const tokens = promptTokensLeft - whole === 1 && whole > 2 ? whole - 1 : whole',
      '> → >=',
      'of three tokens one is computed alone either way',
    ],
  ]),
  ...judgedIn(`${batching}/service-rate.ts`, 'cosmetic', [
    [
      'const service = Math.max(this.#service.mean ?? 0, longestRunningMillis)',
      '0 → 1',
      'one millisecond, rounded up to whole seconds',
    ],
    [
      'const seconds = Math.ceil(((waiting + 1) / places) * (service / 1000))',
      '1000 → 1001',
      'a tenth of a percent, rounded up to whole seconds',
    ],
  ]),
  ...judgedIn(`${batching}/step-costs.ts`, 'equivalent', [
    ['for (let pivot = 0; pivot < size; pivot += 1) {', '< → <=', 'there is no row behind the last'],
  ]),
  ...judgedIn(`${batching}/step-costs.ts`, 'cosmetic', [
    [
      'if (left <= 0) return 0',
      '<= → <',
      'nothing left gives no tokens either way, unless tokens cost nothing',
    ],
    [
      'parts.map((column) => this.#moments[row]![column]! + (row === column ? ridge : 0)),',
      'row === column → true',
      'a ridge of 0.001 against sums of squares',
    ],
    [
      'const unit = (row: number): number[] => [0, 0, 0, 0].map((_, column) => (row === column ? 1e-6 : 0))',
      '0 → 1 (4)',
      'beginnings of the sums, soon forgotten',
    ],
  ]),
  ...judgedIn(`${batching}/step-scheduler.ts`, 'equivalent', [
    ['#step = 0', '0 → 1', 'only differences of steps count'],
    ['if (maxWhileDecoding >= maxPrefillTokensWhileDecoding)', '>= → >', 'equal limits give the same plan'],
  ]),
  ...judgedIn(`${batching}/tune/online-tuner.ts`, 'cosmetic', [
    [
      'const fewerArrive = after.arrivedPerSecond * worse < before.arrivedPerSecond',
      '< → <=',
      'exactly a tenth less',
    ],
  ]),
  ...judgedIn(`${batching}/tune/search-knobs.ts`, 'equivalent', [
    ['if (best === before) break', 'best === before → false', 'a round more tries what is cached'],
  ]),
  ...judgedIn(`${batching}/tune/search-knobs.ts`, 'cosmetic', [
    [
      'const { space, start, score, minGain = 0.02, maxRounds = 4 } = options',
      undefined,
      'how long is searched is a choice',
    ],
    ['for (let round = 0; round < maxRounds; round += 1) {', undefined, 'a round more or less'],
    [
      'if (next !== undefined && next.score > turned.score) turned = next',
      '> → >=',
      'which of two equal values is taken',
    ],
    ['if (turned.score > best.score * (1 + minGain)) best = turned', '> → >=', 'exactly the least gain'],
  ]),
  ...judgedIn(`${batching}/urgency.ts`, 'cosmetic', [
    [
      'return priority - Math.floor(Math.max(0, waitedMillis) / agingMillis)',
      '0 → 1',
      'waits of less than a millisecond',
    ],
  ]),
  ...judgedIn(`${scaling}/line-of-requests.ts`, 'equivalent', [
    [
      'const isNext = past.waiting !== undefined && sinceMillis > 0 && sinceMillis <= staleAfterMillis',
      '0 → 1',
      'samples within a second were taken for the same before',
    ],
  ]),
  ...judgedIn(`${scaling}/line-of-requests.ts`, 'cosmetic', [
    ['const sameSampleMillis = 1000', '1000 → 1001', 'a millisecond of a tolerance'],
    ['if (Math.abs(sinceMillis) < sameSampleMillis) return past', '< → <=', 'a millisecond of a tolerance'],
  ]),
  ...judgedIn(`${scaling}/remembered.ts`, 'cosmetic', [
    [
      ': Math.max(outlook.busy, lowSince < now ? (past.lowBusy ?? 0) : 0),',
      '0 → 1',
      'one percent of one engine',
    ],
    [
      '): boolean => lastUpAt !== undefined && now - lastUpAt < startMillis + latencyWindowMillis',
      '< → <=',
      'a millisecond of minutes',
    ],
  ]),
  ...judgedIn(`${guard}/hardening/query-budget.ts`, 'cosmetic', [
    ['.filter(({ forMillis }) => forMillis > 0)', '0 → 1', 'the last millisecond of a lockout in a list'],
  ]),
  ...judgedIn(`${guard}/pipeline/run-check.ts`, 'cosmetic', [
    [
      'return isThenable(said) ? waitFor(said, text, patience) : outcomeOf(said, text.asked.text)',
      'isThenable(said) → true',
      'a check that is synchronous takes a promise more',
    ],
  ]),
]
