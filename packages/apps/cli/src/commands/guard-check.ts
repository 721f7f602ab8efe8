/** `hadal guard check`: the verdict on a text, with reasons. */

import { decodeBytes, type PlannedStep, type Role, type Verdict, viewsOf } from '@hadal/guard'
import { type GuardFlags, guardPlace, openGuard, verdictText } from '@hadal/guard-lab'
import type { Terminal } from '@hadal/output'
import { exitCodes, readBytes, say, usage } from '@hadal/output'

export interface GuardCheckFlags extends GuardFlags {
  readonly role: Role
  readonly key?: string
  readonly json?: boolean
}

/** Distinct from 1, which means that nothing was checked. */
export const stoppedCode = 3

export async function guardCheck(
  given: string,
  flags: GuardCheckFlags,
  terminal: Terminal,
  input: AsyncIterable<Uint8Array | string> = process.stdin,
): Promise<number> {
  const command = 'hadal guard check'
  if (flags.key === '') throw usage(say`--key must not be empty`, command)
  const text = given === '-' ? decodeBytes(await readBytes(input)) : given
  const { role, key } = flags
  using guard = await openGuard(await guardPlace(flags, terminal, command))
  const verdict = await typicalVerdict(() => guard.screen(text, { role, key, explain: true }))
  if (flags.json) terminal.print(JSON.stringify(verdict, null, 2))
  else {
    const thresholds = thresholdsOf(guard.stepsFor(role, key))
    const shown = { verdict, text, views: viewsOf(text), thresholds }
    terminal.print(verdictText(shown, terminal.style, terminal.columns))
  }
  return verdict.action === 'block' || verdict.action === 'reply' ? stoppedCode : exitCodes.success
}

const maxRounds = 25
const maxMillis = 250

/** Always the same, but for its times: that of the middle one, once code and weights are warm. */
async function typicalVerdict(screen: () => Promise<Verdict>): Promise<Verdict> {
  const began = performance.now()
  const verdicts: Verdict[] = []
  do verdicts.push(await screen())
  while (verdicts.length < maxRounds && performance.now() - began < maxMillis)
  return verdicts.toSorted((a, b) => a.micros - b.micros)[Math.floor((verdicts.length - 1) / 2)]!
}

const thresholdsOf = (steps: readonly PlannedStep[]): Record<string, number> =>
  Object.fromEntries(
    steps.flatMap(({ name, falsePositiveRate: rate }) => (rate === undefined ? [] : [[name, 1 - rate]])),
  )
