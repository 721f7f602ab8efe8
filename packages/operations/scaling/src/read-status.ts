/** Reads a scaler's status: over HTTP, or from the Lease, which has the last decision even if no scaler responds. */

import { readFileSync } from 'node:fs'
import { messageOf } from '@hadal/base'
import type { Kube } from '@hadal/cluster'
import { readLease } from './cluster/leader-lease.ts'
import { isModelStatus, memoryAnnotation, readKept } from './cluster/lease-memory.ts'
import { scaleStatusUnreadable, scaleUnknown } from './errors.ts'
import type { ScalerStatus } from './scaler-status.ts'

/** In addition to what a scaler reports. */
export interface ReadStatus extends ScalerStatus {
  /** Since when it leads, and when it last said so, by its own clock: milliseconds of the epoch. Of a Lease alone. */
  readonly leadsSince?: number
  readonly renewedAt?: number
  /** How long it may be silent. */
  readonly durationMillis?: number
}

const answerMillis = 10_000
const maxCharacters = 4 * 2 ** 20

/** Throws `scale_status_unreadable`. */
export async function statusAt(url: string, keyFile: string | undefined): Promise<ReadStatus> {
  const where = `${url.replace(/\/+$/, '').replace(/\/(v1|decisions)$/, '')}/decisions`
  try {
    const key = keyFile === undefined ? undefined : readFileSync(keyFile, 'utf8').trim()
    const response = await fetch(where, {
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(answerMillis),
    })
    if (!response.ok) throw new Error(`it returned status ${response.status}`)
    const text = await response.text()
    if (text.length > maxCharacters) throw new Error('its response is larger than 4 MiB')
    return statusOf(text)
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
    throw scaleStatusUnreadable(where, messageOf(cause)).with({ cause: thrown })
  }
}

function statusOf(text: string): ReadStatus {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw new Error('its response is not JSON')
  }
  const { version, models, leader } = (given ?? {}) as Partial<ScalerStatus>
  if (version !== 1 || !Array.isArray(models) || !models.every(isModelStatus))
    throw new Error('its response has no list of decisions')
  if (leader !== null && typeof leader !== 'string') throw new Error('its response has no leader')
  return given as ReadStatus
}

/** Throws `scale_unknown` and what the API server refuses. */
export async function statusInLease(
  kube: Kube,
  namespace: string,
  name: string,
  now: number,
  signal: AbortSignal,
): Promise<ReadStatus> {
  const lease = await readLease(kube, namespace, name, signal)
  if (lease === undefined) throw scaleUnknown(`the namespace ${namespace} (there is no Lease ${name})`)
  const { holderIdentity, acquireTime, renewTime, leaseDurationSeconds = 15 } = lease.spec ?? {}
  const renewedAt = timeOf(renewTime)
  const leadsSince = timeOf(acquireTime)
  const durationMillis = leaseDurationSeconds * 1000
  // By its clock and ours, which may differ: a minute more is given.
  const isSilent = renewedAt !== undefined && now - renewedAt > durationMillis + 60_000
  return {
    version: 1,
    leader: holderIdentity && !isSilent ? holderIdentity : null,
    isLeader: false,
    models: readKept(lease.metadata.annotations?.[memoryAnnotation]).models,
    durationMillis,
    ...(leadsSince !== undefined && { leadsSince }),
    ...(renewedAt !== undefined && { renewedAt }),
  }
}

function timeOf(text: string | undefined): number | undefined {
  const millis = Date.parse(text ?? '')
  return Number.isNaN(millis) ? undefined : millis
}
