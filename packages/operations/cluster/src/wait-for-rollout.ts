/** Waits for pods and reports progress: on a terminal a changing line, elsewhere one line per change. */

import { type Clock, isHadalError } from '@hadal/base'
import {
  type Condition,
  type KubeEvent,
  type KubeObject,
  type KubePod,
  type KubeWorkload,
  objectName,
  type RolloutProgress,
  type RolloutWatch,
  type Trouble,
  watchRollout,
} from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { cutText, say, wrapText } from '@hadal/output'
import type { KubeClient } from './kube-client.ts'
import { shortTime } from './short-time.ts'

export interface AwaitedWorkload {
  /** As the server had it after it was applied. */
  readonly result: KubeObject
  /** As it was before. */
  readonly live: KubeObject | undefined
}

export interface WaitOptions {
  readonly timeoutMillis: number
  readonly pollMillis: number
  readonly clock: Clock
  /** Ends the wait, and nothing else. */
  readonly signal: AbortSignal
}

export interface WaitResult {
  readonly verdict: 'done' | 'failed' | 'timeout' | 'interrupted'
  readonly progress: readonly RolloutProgress[]
}

/** How long a transient error may last before it counts. */
const patienceMillis = 60_000

/** Throws what the client throws. An API server that does not respond for a while is polled until the timeout. */
export async function waitForRollout(
  client: KubeClient,
  workloads: readonly AwaitedWorkload[],
  options: WaitOptions,
  terminal: Terminal,
): Promise<WaitResult> {
  const { clock, timeoutMillis, pollMillis, signal } = options
  const began = clock.now()
  const watches = workloads.map(({ result, live }) => ({
    result,
    watch: watchRollout(objectName(result), {
      generation: result.metadata.generation ?? 0,
      before: conditionsOf(live),
      patienceMillis,
    }),
  }))
  const notify = progressReporter(terminal, () => clock.now() - began)
  let progress: readonly RolloutProgress[] = []
  while (true) {
    try {
      progress = await look(client, watches, clock.now())
      notify(progress)
      if (progress.some(({ verdict }) => verdict === 'failed')) return end('failed')
      if (progress.every(({ verdict }) => verdict === 'done')) return end('done')
    } catch (thrown) {
      if (signal.aborted) return end('interrupted')
      if (!isPassing(thrown)) throw thrown
      notify.silence()
    }
    if (clock.now() - began >= timeoutMillis) return end('timeout')
    await clock.sleep(pollMillis, signal).catch(() => undefined)
    if (signal.aborted) return end('interrupted')
  }

  function end(verdict: WaitResult['verdict']): WaitResult {
    terminal.status('')
    return { verdict, progress }
  }
}

const passing = new Set(['cluster_unreachable', 'cluster_timeout', 'cluster_busy'])
/** Whether the API server may recover. */
export const isPassing = (thrown: unknown): boolean => isHadalError(thrown) && passing.has(thrown.code)

const conditionsOf = (object: KubeObject | undefined): readonly Condition[] =>
  (object as KubeWorkload | undefined)?.status?.conditions ?? []

/** Pods that belong to no workload of ours are left out by the watch. */
export async function look(
  client: KubeClient,
  watches: readonly { readonly result: KubeObject; readonly watch: RolloutWatch }[],
  nowMillis: number,
): Promise<RolloutProgress[]> {
  const namespaces = [...new Set(watches.map(({ result }) => result.metadata.namespace))]
  const sights = await Promise.all(
    namespaces.map(async (namespace) => {
      const [replicaSets, pods, events] = await Promise.all([
        client.list('apps/v1', 'ReplicaSet', { namespace }),
        client.list('v1', 'Pod', { namespace }) as Promise<readonly KubePod[]>,
        client.list('v1', 'Event', { namespace }).catch(withoutEvents) as Promise<readonly KubeEvent[]>,
      ])
      return { namespace, replicaSets, pods, events }
    }),
  )
  return Promise.all(
    watches.map(async ({ result, watch }) => {
      const { replicaSets, pods, events } = sights.find(
        ({ namespace }) => namespace === result.metadata.namespace,
      )!
      const workload = (await client.get(result)) as KubeWorkload | undefined
      return watch.step({ workload, replicaSets, pods, events }, nowMillis)
    }),
  )
}

/** Many users may not read events; progress is useful without them. */
function withoutEvents(thrown: unknown): readonly KubeEvent[] {
  if (isHadalError(thrown) && thrown.code === 'cluster_forbidden') return []
  throw thrown
}

interface ProgressReporter {
  (progress: readonly RolloutProgress[]): void
  /** The API server does not answer. */
  silence(): void
}

function progressReporter(terminal: Terminal, elapsedMillis: () => number): ProgressReporter {
  const reported = new Map<string, string>()
  let isSilent = false
  const stamp = (): string => terminal.noteStyle.dim(shortTime(elapsedMillis()).padStart(6))
  const once = (key: string, text: string, lines: () => readonly string[]): void => {
    if (reported.get(key) === text) return
    reported.set(key, text)
    for (const line of lines()) terminal.note(line)
  }
  const notify = (progress: readonly RolloutProgress[]): void => {
    if (isSilent) terminal.note(say`${stamp()}  the API server is responding again`)
    isSilent = false
    for (const { name, line, troubles } of progress) {
      once(name, line, () => [`${stamp()}  ${line}`])
      for (const trouble of distinct(troubles))
        once(`${name} ${trouble.reason}`, withoutCount(trouble.sentence), () =>
          troubleLines(trouble, terminal),
        )
    }
    const short = progress
      .map(({ name, ready, wanted }) => `${name.split('/').at(-1)} ${ready}/${wanted}`)
      .join('  ')
    terminal.status(cutText(`${shortTime(elapsedMillis())}  ${short}`, terminal.columns - 1))
  }
  return Object.assign(notify, {
    silence() {
      if (!isSilent) terminal.note(say`${stamp()}  the API server is not responding; still waiting`)
      isSilent = true
    },
  })
}

/** One crash more is no news. */
const withoutCount = (sentence: string): string => sentence.replace(/once|\d+ times/, '')

function troubleLines({ sentence, fix, severity }: Trouble, { noteStyle, columns }: Terminal): string[] {
  const paint = severity === 'wait' ? noteStyle.yellow : noteStyle.red
  return [
    ...wrapText(sentence, columns, '          ').map(paint),
    ...wrapText(fix, columns, '          ').map(noteStyle.dim),
  ]
}

/** The same trouble of several pods is reported once. */
export function distinct(troubles: readonly Trouble[]): Trouble[] {
  return troubles.filter(
    ({ sentence }, index) => troubles.findIndex((each) => each.sentence === sentence) === index,
  )
}

/** Last observed state, for an error. */
export const reasonsOf = (progress: readonly RolloutProgress[]): string[] =>
  progress
    .filter(({ verdict }) => verdict !== 'done')
    .flatMap(({ name, line, troubles }) =>
      troubles.length === 0
        ? [line]
        : distinct(troubles).map(({ sentence, fix }) => `${name}: ${sentence}. ${fix}`),
    )
