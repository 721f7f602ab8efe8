/**
 * The running service's guard for administrators: tries texts with the active guard or a preset's; reviews are stored next to the audit
 * log, and learned attacks are read from the policy's file.
 */

import { resolve } from 'node:path'
import type { AttackIndex, Guard, KnownAttack, Policy } from '@hadal/guard'
import { ReviewFile, reviewPath } from '@hadal/guard-lab'
import type { GuardFacts, GuardLearnt, GuardReview, GuardTextSource } from '@hadal/protocol'
import { type GuardApi, guardOff, guardPresetUnknown, guardReviewTextDiffers } from '@hadal/server'
import { checkText } from './check-text.ts'

export interface GuardApiOptions {
  /** That screens requests now; undefined: none does. */
  readonly guard: () => Guard | undefined
  /** Base folder of the policy's paths. */
  readonly folder: string
}

export type OpenGuardApi = GuardApi & Disposable

export function openGuardApi({ guard, folder }: GuardApiOptions): OpenGuardApi {
  // Only one is kept, because a guard takes some megabytes and presets are tried one after another.
  let tried: { readonly preset: string; readonly guard: Promise<Guard> } | undefined
  const forget = (): void => {
    void tried?.guard.then((one) => one[Symbol.dispose]()).catch(() => undefined)
    tried = undefined
  }
  const ofPreset = async (preset: string): Promise<Guard> => {
    const { createGuard, presetNames } = await import('@hadal/guard')
    const name = presetNames.find((known) => known === preset)
    if (name === undefined) throw guardPresetUnknown(preset, presetNames)
    if (tried?.preset !== preset) {
      forget()
      tried = { preset, guard: Promise.resolve(createGuard({ policy: name })) }
    }
    return tried.guard
  }
  const policy = (): Policy | undefined => guard()?.policy
  let held: ReviewFile | undefined
  const reviewFile = (): ReviewFile => {
    const path = reviewPath(policy(), folder)
    if (held?.path !== path) held = new ReviewFile(path)
    return held
  }
  return {
    async facts(): Promise<GuardFacts> {
      const { presetNames } = await import('@hadal/guard')
      const now = policy()
      const reviews = reviewFile()
      return {
        ...(now !== undefined && { preset: now.preset }),
        presets: presetNames,
        hasAudit: now !== undefined && now.audit !== false,
        keepsExcerpts: now !== undefined && now.audit !== false && now.audit.excerptCharacters > 0,
        locksOut: guard()?.budget !== undefined,
        ...(now?.files.attacks !== undefined && { learnsInto: resolve(folder, now.files.attacks) }),
        reviewFile: reviews.path,
        sources: await sourcesOf(await reviews.read()),
      }
    },
    async check(requested, signal) {
      const by = requested.preset === undefined ? guard() : await ofPreset(requested.preset)
      if (by === undefined) throw guardOff()
      return checkText(by, requested, signal)
    },
    async reviews() {
      return (await reviewFile().read()).toReversed()
    },
    async review({ isAttack, text, role = 'user', note }, record) {
      const { digestOf } = await import('@hadal/guard')
      const secret = policy()?.secret
      const isSame = (given: string): boolean => digestOf(given, secret) === record?.digest
      if (text !== undefined && record !== undefined && !isSame(text)) throw guardReviewTextDiffers(record.id)
      // An excerpt may contain all of a short text.
      const known =
        text ?? (record?.excerpt !== undefined && isSame(record.excerpt) ? record.excerpt : undefined)
      // For a text that was not sent: the action it would have got.
      const action =
        record?.action ?? (known === undefined ? undefined : (await guard()?.screen(known, { role }))?.action)
      return reviewFile().add(
        {
          at: Date.now(),
          isAttack,
          ...(known !== undefined && { text: known }),
          role: record?.role ?? role,
          ...(note !== undefined && note !== '' && { note }),
          ...(action !== undefined && { action }),
          ...(record !== undefined && { record: record.id, requestId: record.requestId }),
        },
        (other) =>
          (record !== undefined && other.record === record.id && other.requestId === record.requestId) ||
          (known !== undefined && other.text === known),
      )
    },
    forgetReview: (id) => reviewFile().remove(id),
    async learnt() {
      const index = await indexOf(policy(), folder)
      return index === undefined ? [] : (await learntIn(index)).toReversed()
    },
    async forgetLearnt(id) {
      const index = await indexOf(policy(), folder)
      if (index === undefined || !(await learntIn(index)).some((one) => one.id === id)) return false
      await index.forget(id)
      return true
    },
    [Symbol.dispose]: forget,
  }
}

/** Undefined if the policy has no file. */
async function indexOf(policy: Policy | undefined, folder: string): Promise<AttackIndex | undefined> {
  const additions = policy?.files.attacks
  if (additions === undefined) return undefined
  const { AttackIndex } = await import('@hadal/guard')
  return AttackIndex.open({ additions: resolve(folder, additions) })
}

async function learntIn(index: AttackIndex): Promise<GuardLearnt[]> {
  return (await index.entries()).flatMap(({ id, at, language, source, text = '' }: KnownAttack) =>
    at === undefined ? [] : [{ id, at, language, source, text }],
  )
}

/** Counted once: they come with the package. */
let bundled: Promise<readonly GuardTextSource[]> | undefined

async function sourcesOf(reviews: readonly GuardReview[]): Promise<GuardTextSource[]> {
  bundled ??= countBundled().catch((error: unknown) => {
    bundled = undefined
    throw error
  })
  const withText = reviews.filter(({ text }) => text !== undefined)
  return [...(await bundled), counted('reviews', withText)]
}

async function countBundled(): Promise<readonly GuardTextSource[]> {
  const { ownTexts, triggerTexts } = await import('@hadal/guard')
  return [counted('bundled', await ownTexts()), counted('trigger-words', await triggerTexts())]
}

function counted(id: string, texts: readonly { readonly isAttack: boolean }[]): GuardTextSource {
  const attacks = texts.filter(({ isAttack }) => isAttack).length
  return { id, attacks, benign: texts.length - attacks }
}
