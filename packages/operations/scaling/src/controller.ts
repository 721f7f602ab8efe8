/**
 * `hadal scale` in a cluster: evaluates each model periodically while it is the leader; otherwise waits for leadership. Wires the
 * parts together. State is stored in the Lease, so that another replica can take over.
 */

import { type Clock, type Logger, messageOf } from '@hadal/base'
import type { Kube } from '@hadal/cluster'
import { scaleTarget, type TargetState } from '@hadal/cluster'
import type { ScaleDecision, ScaledModel, ScalerPlan } from '@hadal/fleet'
import type { ScaleTelemetry } from '@hadal/telemetry'
import { LeaderLease, type LeaseTimes, readLease } from './cluster/leader-lease.ts'
import { leaseMemory, memoryAnnotation, readKept } from './cluster/lease-memory.ts'
import { emitEvent } from './cluster/scale-events.ts'
import { scaleLeaseLost, scaleTargetBusy } from './errors.ts'
import { observeEngines } from './observe-engines.ts'
import type { Prometheus } from './prometheus/prometheus-at.ts'
import { createScaler, repeat, type Scaler } from './scaler.ts'
import type { ScalerStatus } from './scaler-status.ts'
import { within } from './within.ts'

export interface ControllerOptions {
  readonly plan: ScalerPlan
  readonly kube: Kube
  readonly prometheus: Prometheus
  /** Unique: `hadal-scaler-6c8f_0b1c...`. */
  readonly identity: string
  readonly times: LeaseTimes
  /** Logs what would be done, without doing it or leading. */
  readonly isDryRun: boolean
  readonly telemetry: ScaleTelemetry
  readonly log: Logger
  readonly clock: Clock
}

export interface Controller {
  /** Until the signal, which ends it without an error; the Lease is released. */
  run(signal: AbortSignal): Promise<void>
  /** One look at each model; undefined of those where nothing could be decided. Throws `scale_lease_lost` where another leads. */
  once(signal: AbortSignal): Promise<readonly (ScaleDecision | undefined)[]>
  status(): ScalerStatus
  /** Whether it still goes round: false is a process that hangs. */
  isAlive(): boolean
}

const releaseMillis = 3000
/** Consecutive version conflicts; after them the next poll retries. */
const maxConflicts = 5
/** Without a round for this long, it hangs. */
const minSilentMillis = 120_000

export function createController(options: ControllerOptions): Controller {
  const { plan, kube, identity, times, isDryRun, telemetry, log, clock } = options
  let lastRound = clock.now()
  const events = new Set<Promise<void>>()
  const memory = leaseMemory({
    status: () => scalers.map((scaler) => scaler.status()),
    renew: (signal) => (isDryRun ? Promise.resolve() : lease.renew(signal)),
  })
  const lease = new LeaderLease(kube, {
    namespace: plan.namespace,
    name: plan.name,
    identity,
    times,
    clock,
    log,
    annotations: () => memory.annotations(),
    onTake: recall,
  })
  const scalers = plan.models.map((model) => scalerOf(model))

  function recall(annotations: Readonly<Record<string, string>>): void {
    const earlier = memory.load(annotations)
    for (const scaler of scalers)
      scaler.recall(earlier.find(({ model }) => model === scaler.model)?.decisions ?? [])
  }

  function scalerOf({ model, target: ref, policy, queries }: ScaledModel): Scaler {
    const { prometheus } = options
    const target = scaleTarget(kube, plan.namespace, ref)
    const observe = observeEngines({ target, queries, policy, prometheus, clock, log })
    let seen: TargetState | undefined
    return createScaler({
      model,
      target: target.name,
      policy,
      log,
      clock,
      memory: memory.of(model),
      async observe(signal) {
        const { observation, target } = await observe(signal)
        seen = target
        return observation
      },
      async act(decision, signal) {
        if (isDryRun || seen === undefined) return 'left'
        let state = seen
        for (let tries = 0; tries < maxConflicts; tries++) {
          if (!lease.isHeld) throw scaleLeaseLost(lease.name, lease.holder ?? 'nobody')
          if ((await target.scale(decision.to, state, signal)) === 'done') {
            notify({ namespace: plan.namespace, target: ref, seen: state, decision, identity })
            return 'done'
          }
          // A rollout changes the status constantly; the decision depends only on the replica count.
          state = await target.read(signal)
          if (state.replicas !== seen.replicas || state.uid !== seen.uid) return 'changed'
        }
        throw scaleTargetBusy(target.name)
      },
      onDecision: (decision) => telemetry.decided(model, decision),
      onError: () => telemetry.failed(model),
    })
  }

  function notify(event: Parameters<typeof emitEvent>[1]): void {
    const reported = emitEvent(kube, event, new AbortController().signal).catch((thrown: unknown) =>
      log.debug(`cannot write an Event: ${messageOf(thrown)}`),
    )
    events.add(reported)
    void reported.finally(() => events.delete(reported))
  }

  async function look(signal: AbortSignal): Promise<readonly (ScaleDecision | undefined)[]> {
    const decisions = await Promise.all(scalers.map((scaler) => scaler.step(signal)))
    for (const scaler of scalers) telemetry.looked(scaler.model, scaler.status())
    lastRound = clock.now()
    return decisions
  }

  let lastWord = ''
  /** Skips consecutive duplicates. */
  function say(level: 'info' | 'warn', text: string): void {
    if (text !== lastWord) log[level](text)
    lastWord = text
  }

  /** Whether we lead; undefined if no API server responds. Rejects only with the signal's reason. */
  async function attempt(signal: AbortSignal): Promise<boolean | undefined> {
    try {
      return await lease.attempt(signal)
    } catch (thrown) {
      signal.throwIfAborted()
      say('warn', `the leader is unknown: ${messageOf(thrown)}`)
      return undefined
    } finally {
      // A scaler without responses does not hang, and a restart would not help.
      lastRound = clock.now()
    }
  }

  /** Ends when another scaler leads, or when the lease could not be renewed for so long that another may lead. */
  async function keepLeading(signal: AbortSignal): Promise<void> {
    while (lease.isHeld) {
      const left = lease.heldUntil - clock.now()
      await within(left, signal, attempt, clock).catch(() => signal.throwIfAborted())
      if (!lease.isHeld) return
      await clock.sleep(Math.min(times.renewMillis, Math.max(0, lease.heldUntil - clock.now())), signal)
    }
  }

  async function lead(signal: AbortSignal): Promise<void> {
    say('info', `is the leader of ${lease.name}`)
    telemetry.leads(true)
    const lost = new AbortController()
    const both = AbortSignal.any([signal, lost.signal])
    const looks = repeat(look, plan.checkIntervalMillis, both, clock)
    try {
      await Promise.race([keepLeading(signal), looks])
    } finally {
      lost.abort(scaleLeaseLost(lease.name, lease.holder ?? 'nobody'))
      await looks
      telemetry.leads(false)
      telemetry.forgetModels()
    }
  }

  async function runLed(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const leads = await attempt(signal)
        if (leads ?? lease.isHeld) {
          await lead(signal)
          say('warn', `lost leadership of ${lease.name}; makes no changes`)
          continue
        }
        if (leads === false && lease.holder !== undefined)
          say('info', `standby: ${lease.holder} is the leader`)
        // Not all at the same moment.
        await clock.sleep(times.renewMillis * (0.8 + 0.4 * Math.random()), signal)
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    } finally {
      await lease.release(AbortSignal.timeout(releaseMillis))
      await Promise.allSettled(events)
    }
  }

  async function loadUnled(signal: AbortSignal): Promise<void> {
    const found = await readLease(kube, plan.namespace, plan.name, signal)
    recall(found?.metadata.annotations ?? {})
  }

  return {
    async run(signal) {
      if (!isDryRun) return runLed(signal)
      await loadUnled(signal)
      await repeat(look, plan.checkIntervalMillis, signal, clock)
    },
    async once(signal) {
      if (isDryRun) await loadUnled(signal)
      else if (!(await lease.attempt(signal))) throw scaleLeaseLost(lease.name, lease.holder ?? 'nobody')
      try {
        return await look(signal)
      } finally {
        // Saves the decisions for the next leader.
        if (!isDryRun) await lease.release(AbortSignal.timeout(releaseMillis))
        await Promise.allSettled(events)
      }
    },
    status() {
      const isLeader = !isDryRun && lease.isHeld
      const isOurs = isLeader || isDryRun
      return {
        version: 1,
        leader: isDryRun ? null : (lease.holder ?? null),
        isLeader,
        ...(isDryRun && { isDryRun }),
        models: isOurs
          ? scalers.map((scaler) => scaler.status())
          : readKept(lease.annotations[memoryAnnotation]).models,
      }
    },
    isAlive: () => clock.now() - lastRound < Math.max(minSilentMillis, 4 * plan.checkIntervalMillis),
  }
}
