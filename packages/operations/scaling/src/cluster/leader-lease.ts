/**
 * One leader among several scalers, by a Lease of `coordination.k8s.io/v1`.
 *
 * Clocks are not compared: a lease is judged by how long *we* have seen it unchanged, on a monotonic clock; what stands in
 * `renewTime` is for people. The leader counts from before its request, and gives up after two thirds of the time that others wait: so
 * one has stopped before another begins. Every write names the version that was read, so a leader that was asleep for long learns
 * of the next one by its first write.
 *
 * The same scheme as client-go's leaderelection, whose notes say what it does not give: nothing keeps two that are cut off from
 * each other from believing that they lead, but writes with versions do keep the second one from being done.
 */

import { type Clock, type Logger, messageOf } from '@hadal/base'
import { type Kube, kubeRefusal } from '@hadal/cluster'
import { scaleLeaseLost } from '../errors.ts'

export interface LeaseTimes {
  /** Whole seconds: how long others wait after the last renewal that they saw. */
  readonly durationSeconds: number
  /** How often it is renewed, and how often others look. */
  readonly renewMillis: number
}

export const usualLeaseTimes: LeaseTimes = { durationSeconds: 15, renewMillis: 3000 }

export interface LeaseOptions {
  readonly namespace: string
  readonly name: string
  /** Unique. */
  readonly identity: string
  readonly times: LeaseTimes
  readonly clock: Clock
  readonly log: Logger
  /** Annotations written with each renewal. */
  annotations(): Readonly<Record<string, string>>
  /** Before it is taken from another: what that one left alongside it. */
  onTake(annotations: Readonly<Record<string, string>>): void
}

export interface LeaseObject {
  readonly metadata: {
    readonly resourceVersion?: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly [field: string]: unknown
  }
  readonly spec?: LeaseSpec
}

export interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
  readonly leaseTransitions?: number
}

/** The leader gives up after this share of the duration without a renewal. */
const giveUpShare = 2 / 3
/** Bounds the wait for a holder that claims hours. */
const longestDurationSeconds = 600

export class LeaderLease {
  readonly #kube: Kube
  readonly #options: LeaseOptions
  readonly #path: string
  #found: LeaseObject | undefined
  #foundText = ''
  /** When this spec was first seen, on the local clock. */
  #foundAt = 0
  #heldUntil = Number.NEGATIVE_INFINITY
  /** Writes follow each other: a renewal must not overtake one with a state. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(kube: Kube, options: LeaseOptions) {
    this.#kube = kube
    this.#options = options
    this.#path = leasesPath(options.namespace)
  }

  /** `models/hadal-scaler`. */
  get name(): string {
    return `${this.#options.namespace}/${this.#options.name}`
  }

  get isHeld(): boolean {
    return this.#options.clock.now() < this.#heldUntil
  }

  /** Until when it is held, on the clock's `now`, if nothing is heard. */
  get heldUntil(): number {
    return this.#heldUntil
  }

  /** Undefined while no leader is known. */
  get holder(): string | undefined {
    return this.#found?.spec?.holderIdentity || undefined
  }

  /** As they were read last. */
  get annotations(): Readonly<Record<string, string>> {
    return this.#found?.metadata.annotations ?? {}
  }

  /**
   * Takes the lease if it is free, renews it if it is ours. Returns whether we lead. Throws if the API server refuses or does not
   * respond.
   */
  attempt(signal: AbortSignal): Promise<boolean> {
    return this.#inTurn(() => this.#attempt(signal, true))
  }

  /**
   * Writes the annotations now. Throws `scale_lease_lost` where we do not lead any more, even if it is free by now: a leader in between
   * may have decided otherwise. And as `attempt`.
   */
  async renew(signal: AbortSignal): Promise<void> {
    if (!this.isHeld || !(await this.#inTurn(() => this.#attempt(signal, false))))
      throw scaleLeaseLost(this.name, this.holder ?? 'nobody')
  }

  /** Lets others lead at once. What fails is let be: the lease runs out. */
  release(signal: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.isHeld || this.#found === undefined) return
      this.#heldUntil = Number.NEGATIVE_INFINITY
      try {
        // As client-go does it: no holder, and a second.
        const free = { holderIdentity: '', leaseDurationSeconds: 1 }
        if (await this.#put(this.#found, free, signal)) return
        // A renewal whose response was not awaited may have been applied.
        const { namespace, name, identity } = this.#options
        const found = await readLease(this.#kube, namespace, name, signal)
        if (found?.spec?.holderIdentity === identity) await this.#put(found, free, signal)
      } catch (thrown) {
        this.#options.log.debug(`cannot release the Lease ${this.name}: ${messageOf(thrown)}`)
      }
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work)
    this.#last = next.catch(() => undefined)
    return next
  }

  async #attempt(signal: AbortSignal, mayTake: boolean): Promise<boolean> {
    const { clock, identity, times } = this.#options
    const sentAt = clock.now()
    // Ours as we left it is written without being read.
    const isOurs = this.isHeld && this.#found?.spec?.holderIdentity === identity
    if (isOurs && (await this.#put(this.#found!, this.#spec(this.#found!), signal))) return this.#hold(sentAt)
    const { namespace, name } = this.#options
    const found = await readLease(this.#kube, namespace, name, signal)
    if (found === undefined) return (await this.#create(signal)) ? this.#hold(sentAt) : this.#lose()
    this.#note(found)
    const { holderIdentity, leaseDurationSeconds } = found.spec ?? {}
    const isFree = holderIdentity === undefined || holderIdentity === '' || holderIdentity === identity
    const waited = clock.now() - this.#foundAt
    if (!isFree && waited < durationMillis(leaseDurationSeconds ?? times.durationSeconds)) return this.#lose()
    if (!mayTake && holderIdentity !== identity) return this.#lose()
    if (holderIdentity !== identity) this.#options.onTake(this.annotations)
    return (await this.#put(found, this.#spec(found), signal)) ? this.#hold(sentAt) : this.#lose()
  }

  #hold(sentAt: number): true {
    this.#heldUntil = sentAt + this.#options.times.durationSeconds * 1000 * giveUpShare
    return true
  }

  #lose(): false {
    this.#heldUntil = Number.NEGATIVE_INFINITY
    return false
  }

  #note(found: LeaseObject): void {
    this.#found = found
    const text = JSON.stringify(found.spec ?? {})
    if (text === this.#foundText) return
    this.#foundText = text
    this.#foundAt = this.#options.clock.now()
  }

  #spec({ spec = {} }: Pick<LeaseObject, 'spec'>): LeaseSpec {
    const { identity, times, clock } = this.#options
    const now = microTime(clock.wallClock())
    const isOurs = spec.holderIdentity === identity
    return {
      holderIdentity: identity,
      leaseDurationSeconds: times.durationSeconds,
      acquireTime: isOurs ? (spec.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (spec.leaseTransitions ?? 0) + (isOurs ? 0 : 1),
    }
  }

  /** False where another was quicker. */
  async #create(signal: AbortSignal): Promise<boolean> {
    const { name, namespace, annotations } = this.#options
    const spec = { ...this.#spec({}), leaseTransitions: 0 }
    return this.#write('POST', this.#path, { name, namespace, annotations: annotations() }, spec, signal)
  }

  async #put(found: LeaseObject, spec: LeaseSpec, signal: AbortSignal): Promise<boolean> {
    const annotations = { ...found.metadata.annotations, ...this.#options.annotations() }
    const path = `${this.#path}/${encodeURIComponent(this.#options.name)}`
    const whole = { ...found.spec, ...spec, renewTime: microTime(this.#options.clock.wallClock()) }
    return this.#write('PUT', path, { ...found.metadata, annotations }, whole, signal)
  }

  async #write(
    method: 'POST' | 'PUT',
    path: string,
    metadata: object,
    spec: LeaseSpec,
    signal: AbortSignal,
  ): Promise<boolean> {
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }
    const request = { method, path, body, about: `Lease ${this.name}` } as const
    const { code, body: said } = await this.#kube.ask(request, signal)
    // Another client was faster, or it was deleted: it must be read again.
    if (code === 409 || (code === 404 && method === 'PUT')) return false
    if (code >= 300) throw kubeRefusal(this.#kube, request, code, said)
    this.#note(said as LeaseObject)
    return true
  }
}

/** Undefined if there is none. Throws like `LeaderLease.attempt`. */
export async function readLease(
  kube: Kube,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<LeaseObject | undefined> {
  const path = `${leasesPath(namespace)}/${encodeURIComponent(name)}`
  const request = { method: 'GET', path, about: `Lease ${namespace}/${name}` } as const
  const { code, body } = await kube.ask(request, signal)
  if (code === 404) return undefined
  if (code >= 300) throw kubeRefusal(kube, request, code, body)
  return body as LeaseObject
}

const leasesPath = (namespace: string): string =>
  `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`

const durationMillis = (seconds: number): number =>
  (seconds > 0 ? Math.min(seconds, longestDurationSeconds) : longestDurationSeconds) * 1000

/** Kubernetes' MicroTime, which takes exactly six digits. */
const microTime = (millis: number): string => new Date(millis).toISOString().replace('Z', '000Z')
