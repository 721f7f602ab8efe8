/** Whether exactly the drivers that are too old were detected. Pure. */

import type { Judgement } from '../../claim.ts'
import type { Command, Said } from './ask-doctor.ts'
import { edges, floors, isOlder } from './versions.ts'

export interface Raw {
  readonly seed: number
  /** The check alone, over versions at the floors and drawn ones. */
  readonly judged: readonly Said[]
  /** `hadal doctor gpu` with an imitated nvidia-smi. */
  readonly commands: readonly Command[]
  /** With this machine's nvidia-smi; absent if there is none. */
  readonly real?: Command
}

const isTooOld = ({ driver }: Said): boolean => isOlder(driver, floors.eleven)
/** Earlier reports say `older than`. */
const isFound = ({ severity, says }: Said): boolean =>
  severity === 'error' &&
  [`needs ${floors.eleven}`, `older than ${floors.eleven}`].some((said) => says.includes(said))
/** What else a machine has may be wrong with a driver that is new enough, so a command is held to its words. */
const isRight = (said: Said): boolean => isTooOld(said) === isFound(said)

export function judge({ seed, judged, commands, real }: Raw): Judgement {
  const imitated = [...judged, ...commands]
  const tooOld = imitated.filter(isTooOld)
  const missed = tooOld.filter((each) => !isFound(each))
  const wrong = imitated.filter((each) => !isTooOld(each) && !isRight(each))
  const codes = commands.filter((each) => isTooOld(each) && each.code !== 4)
  const warned = judged.filter((each) => !isTooOld(each) && isOlder(each.driver, floors.twelve))
  const unwarned = warned.filter(({ severity }) => severity !== 'warning')
  const areRight = missed.length + wrong.length + codes.length + unwarned.length === 0 && tooOld.length > 0
  const isRealRight = real === undefined || isRight(real)
  const found = tooOld.length - missed.length
  return {
    verdict: !areRight || !isRealRight ? 'not reproduced' : real === undefined ? 'partly' : 'reproduced',
    measured: `${found} of ${tooOld.length} drivers below ${floors.eleven} found, ${wrong.length} of ${imitated.length - tooOld.length} newer ones refused${real === undefined ? '; no GPU here' : `; this machine's ${real.driver}: ${real.severity}`}`,
    conditions: `${judged.length} answers of nvidia-smi, imitated: ${edges.length} at the floors and ${judged.length - edges.length} drawn (seed ${seed}); ${commands.length} of \`hadal doctor gpu\` with a program in place of nvidia-smi${real === undefined ? '' : ', one with the real one'}`,
    reason: reasonOf({ missed, wrong, unwarned, codes, real, isRealRight }),
    plots: [
      {
        kind: 'bars',
        title: 'Too old by the floor, and found by the doctor (imitated answers)',
        unit: 'drivers',
        bars: [
          { name: 'too old', value: tooOld.length },
          { name: 'of these found', value: found },
          { name: 'new enough', value: imitated.length - tooOld.length },
          { name: 'of these refused', value: wrong.length },
        ],
      },
    ],
  }
}

interface Outcome {
  readonly missed: readonly Said[]
  readonly wrong: readonly Said[]
  readonly unwarned: readonly Said[]
  readonly codes: readonly Command[]
  readonly real: Command | undefined
  readonly isRealRight: boolean
}

function reasonOf({ missed, wrong, unwarned, codes, real, isRealRight }: Outcome): string {
  const quoted = ({ driver, severity, says }: Said): string => `${driver} (${severity}: ${says})`
  if (missed.length > 0) return `Not found: ${quoted(missed[0]!)}.`
  if (wrong.length > 0) return `New enough and refused: ${quoted(wrong[0]!)}.`
  if (unwarned.length > 0) return `Runs CUDA 11 alone, and nobody is warned: ${quoted(unwarned[0]!)}.`
  if (codes.length > 0)
    return `The doctor ended with code ${codes[0]!.code} for ${quoted(codes[0]!)}, where scripts expect 4.`
  if (real === undefined)
    return 'The doctor judges every answer rightly and ends with code 4, before an engine is started. All answers were imitated: there is no NVIDIA GPU here, so whether a real driver is read rightly is not here.'
  if (!isRealRight) return `Of the real driver it says: ${quoted(real)}.`
  return 'The doctor judges every answer rightly and ends with code 4, before an engine is started. Old drivers were imitated; that of this machine was asked and read.'
}
