/** Why settings were chosen, in sentences. Pure. */

import type { TuneSlo } from '@hadal/protocol'
import { formatCount, formatMillis } from '../../design/format.ts'
import type { tuneWords } from './tune-words.ts'
import { latencyOf, type Tuning } from './tuning.ts'

type Say = typeof tuneWords.en | typeof tuneWords.zh

export function whyChosen({ chosen, start, slo }: Tuning, isDone: boolean, say: Say): string[] {
  const best = chosen?.best
  if (chosen === undefined || best === undefined) return isDone ? [say.whyNone] : []
  const now = formatCount(best.requestsPerSecond)
  const before = start?.best?.requestsPerSecond
  const first = chosen.isStart
    ? (isDone ? say.whySame : say.whySoFar)(now)
    : before === undefined
      ? (start === undefined ? say.whyBears : say.whyOnly)(now)
      : say.whyBetter(now, formatCount(before), formatCount(best.requestsPerSecond / before))
  const latency = latencyOf(best)
  const isEmbed = isOfEmbeddings(slo)
  return [
    first,
    ...(latency === undefined ? [] : [(isEmbed ? say.whyAtEmbed : say.whyAt)(formatMillis(latency))]),
    ...(isDone ? [realSentence(chosen.real, say)] : []),
  ]
}

const isOfEmbeddings = ({ ttftMillis, embedMillis }: TuneSlo): boolean =>
  ttftMillis === undefined && embedMillis !== undefined

function realSentence(real: number | undefined, say: Say): string {
  if (real === undefined) return say.whyUntried
  return real > 0 ? say.whyReal(formatCount(real)) : say.whyNotReal
}
