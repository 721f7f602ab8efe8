/** API server defaulting and admission, as far as rollouts need it. */

import { type Data, isSameData, type StoredObject } from './object-store.ts'
import { StatusError } from './status-error.ts'

/** The defaults that a diff must not take for a change. */
export function withDefaults(object: StoredObject): StoredObject {
  const { kind } = object
  const spec = (object.spec ?? {}) as Data
  if (kind === 'Deployment') {
    const strategy = (spec.strategy ?? {}) as Data
    const type = strategy.type ?? 'RollingUpdate'
    const rollingUpdate = {
      maxSurge: '25%',
      maxUnavailable: '25%',
      ...(strategy.rollingUpdate as Data | undefined),
    }
    return {
      ...object,
      spec: {
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        ...spec,
        strategy: type === 'Recreate' && !strategy.rollingUpdate ? { type } : { type, rollingUpdate },
        template: withPodDefaults(spec.template as Data),
      },
    }
  }
  if (kind === 'ReplicaSet') return { ...object, spec: { replicas: 1, ...spec } }
  if (kind === 'Service') {
    const ports = ((spec.ports ?? []) as Data[]).map((port) => ({
      protocol: 'TCP',
      targetPort: port.port,
      ...port,
    }))
    return {
      ...object,
      spec: { type: 'ClusterIP', clusterIP: '10.0.0.1', sessionAffinity: 'None', ...spec, ports },
    }
  }
  if (kind === 'PersistentVolumeClaim') return { ...object, spec: { volumeMode: 'Filesystem', ...spec } }
  return object
}

function withPodDefaults(template: Data | undefined): Data | undefined {
  if (template === undefined) return undefined
  const spec = (template.spec ?? {}) as Data
  const containers = ((spec.containers ?? []) as Data[]).map((container) => ({
    imagePullPolicy: 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...container,
    ...(Array.isArray(container.ports)
      ? { ports: (container.ports as Data[]).map((port) => ({ protocol: 'TCP', ...port })) }
      : {}),
  }))
  return {
    ...template,
    spec: {
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      terminationGracePeriodSeconds: 30,
      ...spec,
      containers,
    },
  }
}

/** Throws the API server's error. */
export function admit(before: StoredObject | undefined, after: StoredObject): void {
  const { kind, metadata } = after
  const spec = (after.spec ?? {}) as Data
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(metadata.name))
    throw invalid(after, 'metadata.name', `Invalid value: "${metadata.name}": a lowercase RFC 1123 subdomain`)
  if (kind === 'Deployment' || kind === 'ReplicaSet') {
    const selector = ((spec.selector as Data | undefined)?.matchLabels ?? {}) as Data
    const labels = ((spec.template as Data | undefined)?.metadata as Data | undefined)?.labels as
      | Data
      | undefined
    if (Object.keys(selector).length === 0) throw invalid(after, 'spec.selector', 'Required value')
    for (const [key, value] of Object.entries(selector))
      if (labels?.[key] !== value)
        throw invalid(
          after,
          'spec.template.metadata.labels',
          'Invalid value: `selector` does not match template `labels`',
        )
    if (before !== undefined && !isSameData((before.spec as Data).selector, spec.selector))
      throw invalid(after, 'spec.selector', 'Invalid value: field is immutable')
  }
  if (kind === 'Lease') admitLease(after, spec)
  if (kind === 'Event' && (after.involvedObject as Data | undefined)?.namespace !== metadata.namespace)
    throw invalid(after, 'involvedObject.namespace', 'Invalid value: does not match event.namespace')
  const { type, rollingUpdate } = (spec.strategy ?? {}) as Data
  if (type === 'Recreate' && rollingUpdate)
    throw invalid(
      after,
      'spec.strategy.rollingUpdate',
      "Forbidden: may not be specified when strategy `type` is 'Recreate'",
    )
  if (before === undefined) return
  if (before.immutable === true && !isSameData(before.data, after.data))
    throw invalid(after, 'data', 'Forbidden: field is immutable when `immutable` is set')
  if (kind === 'Job' && !isSameData((before.spec as Data).template, spec.template))
    throw invalid(after, 'spec.template', 'Invalid value: field is immutable')
  if (kind === 'PersistentVolumeClaim') {
    const { resources: _, ...old } = before.spec as Data
    const { resources: __, ...fresh } = spec
    if (!isSameData(old, fresh)) throw invalid(after, 'spec', 'Forbidden: spec is immutable after creation')
  }
  if (kind === 'Service' && (before.spec as Data).clusterIP !== spec.clusterIP)
    throw invalid(after, 'spec.clusterIPs[0]', 'Invalid value: may not change once set')
}

/** Go reads MicroTime with six digits and no other number of them. */
function admitLease(lease: StoredObject, spec: Data): void {
  for (const field of ['acquireTime', 'renewTime'])
    if (spec[field] !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(String(spec[field])))
      throw new StatusError(
        400,
        'BadRequest',
        `Lease in version "v1" cannot be handled as a Lease: parsing time "${String(spec[field])}" as "2006-01-02T15:04:05.000000Z07:00": cannot parse`,
      )
  const seconds = spec.leaseDurationSeconds as number | undefined
  if (seconds !== undefined && !(Number.isInteger(seconds) && seconds > 0))
    throw invalid(lease, 'spec.leaseDurationSeconds', `Invalid value: ${seconds}: must be greater than 0`)
}

function invalid({ kind, apiVersion, metadata }: StoredObject, field: string, message: string): StatusError {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : ''
  return new StatusError(
    422,
    'Invalid',
    `${kind}${group} "${metadata.name}" is invalid: ${field}: ${message}`,
    {
      name: metadata.name,
      kind,
      causes: [{ reason: 'FieldValueInvalid', message, field }],
    },
  )
}

/** Any change outside metadata and status increments the generation. */
export function withGeneration(before: StoredObject | undefined, after: StoredObject): StoredObject {
  const { status: _, metadata: __, ...fresh } = after
  const { status: ___, metadata: ____, ...old } = before ?? ({ metadata: { name: '' } } as StoredObject)
  const generation =
    before === undefined ? 1 : (before.metadata.generation ?? 1) + (isSameData(old, fresh) ? 0 : 1)
  return { ...after, metadata: { ...after.metadata, generation } }
}
