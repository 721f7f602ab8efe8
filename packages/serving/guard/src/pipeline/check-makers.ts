/** Creates the built-in checks for a policy. Weights and attacks are loaded when first needed. */

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Clock, messageOf } from '@hadal/base'
import { type Calibration, calibrationIssue } from '../calibration.ts'
import { type Classifier, loadClassifier } from '../classifier/classifier.ts'
import { classifierCheck } from '../classifier/classifier-check.ts'
import { perplexityCheck } from '../classifier/perplexity-check.ts'
import { smoothed } from '../hardening/smoothed.ts'
import { guardFileUnreadable } from '../policy/errors.ts'
import type { GuardFiles, PatternPolicy, ScoredCheck } from '../policy/policy.ts'
import { attackPhrasesCheck } from '../rules/attack-phrases-check.ts'
import { chatMarkupCheck } from '../rules/chat-markup-check.ts'
import { controlCharactersCheck } from '../rules/control-characters-check.ts'
import { limitsCheck } from '../rules/limits-check.ts'
import { patternsCheck } from '../rules/patterns-check.ts'
import { type PersonalDataKind, personalDataCheck } from '../rules/personal-data/personal-data-check.ts'
import { type SecretKind, secretsCheck } from '../rules/secrets/secrets-check.ts'
import { AttackIndex } from '../similarity/attack-index.ts'
import type { Encoder } from '../similarity/encoder.ts'
import { similarityCheck } from '../similarity/similarity-check.ts'
import { normalize, viewsOf } from '../views/index.ts'
import type { CheckMakers } from './plan-steps.ts'

export type Calibrations = Readonly<Partial<Record<ScoredCheck, Calibration>>>

export interface MakersOptions {
  readonly files: GuardFiles
  /** Overrides the configured file and the bundled one. */
  readonly classifier?: Classifier | undefined
  readonly attacks?: AttackIndex | undefined
  readonly calibration?: Calibrations | undefined
  readonly encoders?: readonly Encoder[] | undefined
  readonly secret: string | undefined
  readonly clock: Clock
}

/** Throws file errors when a check first needs the file: `guard_file_unreadable`, or an error about its content. */
export function checkMakers(options: MakersOptions): CheckMakers & Disposable {
  const { files, clock, encoders } = options
  const secret = options.secret ?? randomBytes(32)
  const following: Disposable[] = []
  const classifier = once(
    () =>
      options.classifier ??
      loadClassifier(files.classifier === undefined ? undefined : readFile('classifier', files.classifier)),
  )
  const attacks = once(() => {
    if (options.attacks !== undefined) return options.attacks
    if (files.attacks === undefined) return AttackIndex.open({ clock, ...(encoders && { encoders }) })
    const index = AttackIndex.open({ clock, additions: files.attacks, ...(encoders && { encoders }) })
    following.push(index.follow())
    return index
  })
  const calibrations = once(
    (): Calibrations => options.calibration ?? (files.calibration ? readCalibrations(files.calibration) : {}),
  )
  const calibrationOf = (name: ScoredCheck): { readonly calibration?: Calibration } => {
    const calibration = calibrations()[name]
    return calibration === undefined ? {} : { calibration }
  }
  return {
    limits: limitsCheck,
    controlCharacters: () => controlCharactersCheck(),
    chatMarkup: () => chatMarkupCheck(),
    attackPhrases: () => attackPhrasesCheck(),
    patterns: (patterns: readonly PatternPolicy[]) => patternsCheck(patterns),
    secrets: (kinds) => secretsCheck(kinds && { kinds: kinds as readonly SecretKind[] }),
    personalData: (kinds) => personalDataCheck(kinds && { kinds: kinds as readonly PersonalDataKind[] }),
    classifier: (falsePositiveRate) =>
      classifierCheck(classifier(), { falsePositiveRate, ...calibrationOf('classifier') }),
    similarity: (threshold) =>
      similarityCheck(
        attacks(),
        'cosine' in threshold ? threshold : { ...threshold, ...calibrationOf('similarity') },
      ),
    perplexity: (falsePositiveRate) =>
      perplexityCheck(classifier(), { falsePositiveRate, ...calibrationOf('perplexity') }),
    smoothed: (check, smoothing) => smoothed(check, { ...smoothing, secret, normalize, viewsOf }),
    [Symbol.dispose]() {
      for (const each of following) each[Symbol.dispose]()
    },
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

function readFile(what: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw guardFileUnreadable(what, path, messageOf(cause)).with({ cause })
  }
}

function readCalibrations(path: string): Calibrations {
  const refused = (why: string): Error => guardFileUnreadable('calibration', path, why)
  const written = readFile('calibration', path).toString('utf8')
  let read: unknown
  try {
    read = JSON.parse(written)
  } catch (cause) {
    throw refused(messageOf(cause))
  }
  if (typeof read !== 'object' || read === null) throw refused('it is no object')
  for (const [check, calibration] of Object.entries(read)) {
    const issue = calibrationIssue(calibration)
    if (issue !== undefined) throw refused(`${check}: ${issue}`)
  }
  return read as Calibrations
}
