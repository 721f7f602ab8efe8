/** Checks of engine utilisation: batch occupancy, KV cache space, cache savings. */

import { metrics } from '@hadal/protocol'
import type { Capture } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import type { Fix } from '../fix.ts'
import { knobsOf } from './knobs.ts'
import { mean } from './scrape.ts'
import { about, ofEachModel, type ServerFigures } from './server-figures.ts'

/** Minimum steps or requests for a meaningful mean. */
const fewestSteps = 50
const fewestRequests = 20
/** Share of the batch's slots: steps in which a request has just ended are never quite full. */
const nearlyFull = 0.75
/** Keys and values are nearly full from here on, in shares of them. */
const [tight, full] = [0.85, 0.97]
/** Share of finished requests: above it, recomputing preempted ones costs more than preemption saves. */
const manyPreemptions = 0.05
/** Fewer prompt tokens than these show no habit. */
const enoughPromptTokens = 20_000

const percent = (share: number): string => `${Math.round(share * 100)} %`
const ofModel = (model: string) => (model === '' ? {} : { model_name: model })

function batches(capture: Capture): Verdict | readonly Verdict[] {
  return ofEachModel(capture, 'its batches', (figures, model) => {
    const batch = meanBatch(figures, model)
    if (batch === undefined) return undefined
    if (batch.steps < fewestSteps)
      return { severity: 'ok', says: `${about(model)}${batch.steps} steps so far, too few to evaluate` }
    return judgeBatch(figures, model, batch)
  })
}

interface MeanBatch {
  readonly size: number
  readonly steps: number
  readonly period: string
}

function meanBatch(figures: ServerFigures, model: string): MeanBatch | undefined {
  const own = figures.histogramOf(metrics.stepSequences.name, ofModel(model))
  const size = own && mean(own)
  if (own !== undefined && size !== undefined) return { size, steps: own.count, period: own.period }
  const steps = figures.countedOf('steps', model)?.total
  if (steps === undefined || steps === 0) return undefined
  // llama-server reports the mean since its start. For others: each sequence of a step gets a token, except during prefill.
  const reported = figures.gauge('meanBatch', model)
  const tokens = figures.countedOf('newTokens', model)?.total
  const since = 'since it started'
  if (reported !== undefined) return { size: reported, steps, period: since }
  return tokens === undefined ? undefined : { size: tokens / steps, steps, period: since }
}

function judgeBatch(figures: ServerFigures, model: string, { size, period }: MeanBatch): Verdict {
  const most = figures.value(metrics.maxBatchSize.name, ofModel(model))
  const waiting = figures.gauge('waiting', model) ?? 0
  const usage = figures.share('kvCacheUsage', model) ?? 0
  const knobs = knobsOf(figures.maker)
  const of = most === undefined ? '' : ` of at most ${most}`
  const says = `${about(model)}batches average ${size.toFixed(1)}${of} sequences (${period})`
  const evidence = [`mean sequences of a step: ${size.toFixed(2)}`, `waiting: ${waiting}`]
  const fixed = (text: string): Fix => ({ text, ...(knobs.tune !== undefined && { command: knobs.tune }) })
  if (waiting > 0 && usage >= tight)
    return {
      severity: 'warning',
      says: `${says}, and ${waiting} requests are queued: the KV cache is ${percent(usage)} full, so no more fit`,
      fix: moreCells(figures),
      evidence,
    }
  if (waiting > 0 && most !== undefined && size >= nearlyFull * most)
    return {
      severity: 'warning',
      says: `${says}: batches are full, and ${waiting} requests are queued`,
      fix: fixed(
        `Raise ${knobs.batch}: the KV cache is only ${percent(usage)} full. Otherwise, run more engines.`,
      ),
      evidence,
    }
  if (waiting > 0 && most !== undefined)
    return {
      severity: 'note',
      says: `${says}, but ${waiting} requests are queued`,
      fix: fixed(
        `A recent burst causes this, as do long prompts, which are prefilled in small chunks while others decode: raise ${knobs.prefill}.`,
      ),
      evidence,
    }
  if (size < 2)
    return {
      severity: 'note',
      says: `${says}: requests arrive one at a time, so the weights are read for each one separately`,
      fix: {
        text: `This is not an error. Concurrent requests cost little more: send requests in parallel, or run fewer engines (scaling.minReplicas, deploy.replicas). ${knobs.batch} has no effect while the queue is empty.`,
      },
      evidence,
    }
  return { severity: 'ok', says }
}

function moreCells({ maker }: ServerFigures): Fix {
  const { cells, context } = knobsOf(maker)
  return {
    text: `Free KV cache: raise ${cells} if memory is left, lower ${context} or max_tokens, use a smaller quantization, or run more engines.`,
  }
}

function kvCache(capture: Capture): Verdict | readonly Verdict[] {
  return ofEachModel(capture, 'its KV cache', (figures, model) => {
    const usage = figures.share('kvCacheUsage', model)
    if (usage === undefined) return undefined
    const says = `${about(model)}the KV cache is ${percent(usage)} full`
    if (usage < 0 || usage > 1.001)
      return {
        severity: 'unknown',
        says: `${about(model)}it reports a KV cache that is ${percent(usage)} full, which is impossible`,
        fix: { text: 'This address may sum several engines. Check one of them.' },
      }
    const recent = figures.countedOf('preemptions', model)?.recent ?? 0
    if (recent > 0)
      return {
        severity: 'warning',
        says: `${says}, and ${recent} ${recent === 1 ? 'sequence was' : 'sequences were'} preempted a moment ago`,
        fix: moreCells(figures),
      }
    if (usage >= full)
      return {
        severity: 'warning',
        says: `${says}: the next long prompt will be queued`,
        fix: moreCells(figures),
      }
    if (usage >= tight)
      return { severity: 'note', says: `${says}: little is free for more requests`, fix: moreCells(figures) }
    return { severity: 'ok', says }
  })
}

function preemptions(capture: Capture): Verdict | readonly Verdict[] {
  return ofEachModel(capture, 'preemptions', (figures, model) => {
    const counted = figures.countedOf('preemptions', model)
    if (counted === undefined) return undefined
    const finished = figures.countedOf('finished', model)?.total ?? 0
    const { total } = counted
    const says = `${about(model)}${total} ${total === 1 ? 'sequence was' : 'sequences were'} preempted, of ${finished} finished`
    if (finished < fewestRequests || total <= manyPreemptions * finished) return { severity: 'ok', says }
    return {
      severity: 'warning',
      says: `${says}: each must be recomputed`,
      fix: {
        text: `${moreCells(figures).text} A smaller ${knobsOf(figures.maker).batch} reduces preemptions.`,
      },
    }
  })
}

function prefixCache(capture: Capture): Verdict | readonly Verdict[] {
  return ofEachModel(capture, 'its prefix cache', (figures, model) => {
    const queries = figures.countedOf('prefixQueries', model)?.total
    const hits = figures.countedOf('prefixHits', model)?.total
    const reported = figures.share('prefixHitRate', model)
    const share = queries === undefined || hits === undefined || queries === 0 ? reported : hits / queries
    if (share === undefined || share < 0 || share > 1) return undefined
    const says = `${about(model)}prefix-cache hit rate ${percent(share)} of prompt tokens`
    if (share >= 0.05 || (queries ?? 0) < enoughPromptTokens) return { severity: 'ok', says }
    return {
      severity: 'note',
      says: `${says}, of ${queries}`,
      fix: {
        text: 'If prompts share a prefix (instructions, documents, earlier messages), put the variable parts last: a date or an id at the front prevents hits. Behind a gateway, prefix routing sends a conversation to the replica that holds its prefix; hostCacheBytes keeps more prefixes.',
      },
    }
  })
}

const group = 'server'
const reads = ['server-metrics', 'server-metrics-later']

export const batchChecks: readonly Check[] = [
  { id: 'server-batches', group, title: 'Batches', reads, verdict: batches },
  { id: 'server-kv-cache', group, title: 'KV cache', reads, verdict: kvCache },
  { id: 'server-preemptions', group, title: 'Preemptions', reads, verdict: preemptions },
  { id: 'server-prefix-cache', group, title: 'Prefix cache', reads, verdict: prefixCache },
]
