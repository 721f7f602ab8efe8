/** Reads a trial's folder as one uninterrupted course. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunRecord, readCheckpoint, readMetrics } from '@hadal/train'

/** A line of a trial's file: a start, or the data read for a step. */
export type TrialLine = { readonly startedAfter: number } | { readonly step: number; readonly read: string }

export const trialFile = 'reads.jsonl'

export function readTrial(folder: string): RunRecord {
  const lines = readFileSync(join(folder, trialFile), 'utf8').trimEnd().split('\n')
  let reads: { readonly step: number; readonly read: string }[] = []
  for (const line of lines.map((text) => JSON.parse(text) as TrialLine)) {
    if ('read' in line) reads.push(line)
    else reads = reads.filter(({ step }) => step <= line.startedAfter)
  }
  const checkpoints = join(folder, 'checkpoints')
  const newest = readdirSync(checkpoints)
    .filter((name) => /^step-\d+\.safetensors$/.test(name))
    .sort()
    .at(-1)!
  return {
    checkpoint: readCheckpoint(join(checkpoints, newest)),
    metrics: readMetrics(join(folder, 'metrics.jsonl')),
    reads,
  }
}

/** Steps after which a trial was started, in order: 0 first. */
export function startsOf(folder: string): number[] {
  const lines = readFileSync(join(folder, trialFile), 'utf8').trimEnd().split('\n')
  return lines.flatMap((text) => {
    const line = JSON.parse(text) as TrialLine
    return 'startedAfter' in line ? [line.startedAfter] : []
  })
}
