/** A guard's detailed verdict on one text for the console: views, results of each step, positions of findings. */

import { type Guard, type PlannedStep, type Verdict, type VerdictFinding, viewsOf } from '@hadal/guard'
import { placeInView } from '@hadal/guard-lab'
import type { GuardCheck, GuardCheckAnswer, GuardFinding, GuardStep, GuardView } from '@hadal/protocol'

/** Times vary, verdicts do not: the one of the middle is shown. */
const maxRounds = 5
const maxMillis = 60
/** More are in the list of findings; a text full of them need not be painted all over. */
const maxMarks = 64

/** Runs every step, even after one that blocks. Rejects with the reason of `signal`, and errors of the policy's files. */
export async function checkText(
  guard: Guard,
  { text, role = 'user', key, preset }: GuardCheck,
  signal: AbortSignal,
): Promise<GuardCheckAnswer> {
  const verdict = await typicalVerdict(() => guard.screen(text, { role, key, explain: true, signal }))
  const { action, language, findings, reply, isNearMiss, micros } = verdict
  return {
    ...(preset !== undefined && { preset }),
    ...{ action, role, language, isNearMiss, micros },
    text: verdict.text,
    ...(reply !== undefined && { reply }),
    blockAs: guard.policyFor(role, key).blockAs,
    findings: findings.map(shownFinding),
    views: viewsShown(text, findings),
    steps: stepsShown(verdict, guard.stepsFor(role, key)),
  }
}

async function typicalVerdict(screen: () => Promise<Verdict>): Promise<Verdict> {
  const began = performance.now()
  const verdicts: Verdict[] = []
  do verdicts.push(await screen())
  while (verdicts.length < maxRounds && performance.now() - began < maxMillis)
  return verdicts.toSorted((a, b) => a.micros - b.micros)[Math.floor((verdicts.length - 1) / 2)]!
}

/** Omits the replacement, which is part of the resulting text. */
const shownFinding = ({ replacement: _, ...finding }: VerdictFinding): GuardFinding => finding

function viewsShown(text: string, findings: readonly VerdictFinding[]): GuardView[] {
  return viewsOf(text).map((view) => ({
    name: view.name,
    path: view.path,
    text: view.text,
    marks: findings.slice(0, maxMarks).flatMap((found, finding) => {
      if (found.view !== view.name && view.path.length > 0) return []
      const place = placeInView(view, found.span)
      return place === undefined ? [] : [{ ...place, finding }]
    }),
  }))
}

function stepsShown(verdict: Verdict, planned: readonly PlannedStep[]): GuardStep[] {
  const { findings, suspicion, abstained, failed, timings } = verdict
  return timings.map(({ check, layer, micros }): GuardStep => {
    const step = planned.find(({ name }) => name === check)
    const acted = findings.find((finding) => finding.check === check)
    const why = failed[check] ?? abstained[check] ?? acted?.why
    const says =
      failed[check] !== undefined
        ? 'fails'
        : abstained[check] !== undefined
          ? 'abstains'
          : acted === undefined
            ? 'nothing'
            : 'acts'
    const rate = step?.falsePositiveRate
    return {
      check,
      layer,
      says,
      micros,
      ...(step !== undefined && { action: step.action }),
      ...(why !== undefined && why !== '' && { why }),
      ...(suspicion[check] !== undefined && { suspicion: suspicion[check] }),
      ...(rate !== undefined && { threshold: 1 - rate }),
    }
  })
}
