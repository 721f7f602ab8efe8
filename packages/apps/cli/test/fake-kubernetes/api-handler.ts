/** The fake API server's request handler, without sockets. */

import { admit, withDefaults, withGeneration } from './admission.ts'
import { type Cluster, ownedBy } from './cluster.ts'
import { applyPatch, ownChanges } from './field-sets.ts'
import type { ServedKind } from './kinds.ts'
import { type Data, type StoredMetadata, type StoredObject, sorted } from './object-store.ts'
import { jsonPatch, mergePatch, strategicPatch } from './patches.ts'
import { endPod } from './replica-set-controller.ts'
import { StatusError } from './status-error.ts'

export interface ApiRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly contentType: string
  readonly body: string
  readonly user: string
}

export interface ApiAnswer {
  readonly code: number
  readonly body: unknown
}

/** The subject of a Role's rules. */
export interface Asked {
  readonly verb: string
  /** `deployments`, `deployments/scale`. */
  readonly resource: string
  readonly group: string
  readonly name: string | undefined
  readonly namespace: string | undefined
}

export interface ApiRules {
  readonly kinds: readonly ServedKind[]
  /** Authorization failures; undefined allows everything. */
  readonly forbids: ((ask: Asked) => boolean) | undefined
  /** Strict validation errors, such as `unknown field "spec.replica"`. */
  readonly faultsOf: ((object: StoredObject) => readonly string[]) | undefined
}

/** A path that names objects, taken apart. */
export interface Target {
  readonly served: ServedKind
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
}

export function answer(cluster: Cluster, rules: ApiRules, request: ApiRequest): ApiAnswer {
  const found = discovery(rules.kinds, request.path)
  if (found !== undefined) return { code: 200, body: found }
  const target = targetOf(rules.kinds, request.path)
  authorize(rules, request, target)
  switch (request.method) {
    case 'GET':
      return { code: 200, body: read(cluster, target, request) }
    case 'POST':
      return { code: 201, body: create(cluster, rules, target, request) }
    case 'PUT':
      return { code: 200, body: replace(cluster, rules, target, request) }
    case 'PATCH':
      return patch(cluster, rules, target, request)
    case 'DELETE':
      return { code: 200, body: remove(cluster, target, request) }
    default:
      throw new StatusError(
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource',
      )
  }
}

function discovery(kinds: readonly ServedKind[], path: string): unknown {
  if (path === '/version') return { major: '1', minor: '33', gitVersion: 'v1.33.0', platform: 'linux/amd64' }
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] }
  const versions = [...new Set(kinds.map(({ apiVersion }) => apiVersion))]
  if (path === '/apis') {
    const groups = versions
      .filter((version) => version.includes('/'))
      .map((groupVersion) => {
        const [name, version] = groupVersion.split('/')
        return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } }
      })
    return { kind: 'APIGroupList', apiVersion: 'v1', groups }
  }
  const groupVersion = path.replace(/^\/apis?\//, '')
  if (!versions.includes(groupVersion)) return undefined
  const resources = kinds
    .filter(({ apiVersion }) => apiVersion === groupVersion)
    .map(({ kind, plural, isNamespaced }) => ({
      name: plural,
      singularName: kind.toLowerCase(),
      namespaced: isNamespaced,
      kind,
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    }))
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources }
}

export function targetOf(kinds: readonly ServedKind[], path: string): Target {
  const form =
    /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))\/(?:namespaces\/([^/]+)\/(?!status$|finalize$))?([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/
  const found = form.exec(path)
  const apiVersion = found?.[1] ?? found?.[2]
  const served = kinds.find((each) => each.apiVersion === apiVersion && each.plural === found?.[4])
  if (found === null || served === undefined)
    throw new StatusError(404, 'NotFound', 'the server could not find the requested resource')
  return { served, namespace: found[3], name: found[5], subresource: found[6] }
}

function authorize(
  { forbids }: ApiRules,
  { method, user }: ApiRequest,
  { served, namespace, name, subresource }: Target,
): void {
  const verb =
    {
      GET: name === undefined ? 'list' : 'get',
      POST: 'create',
      PUT: 'update',
      PATCH: 'patch',
      DELETE: 'delete',
    }[method] ?? method
  const resource = subresource === undefined ? served.plural : `${served.plural}/${subresource}`
  if (!forbids?.({ verb, resource, group: groupOf(served), name, namespace })) return
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const what = name === undefined ? served.plural : `${served.plural} "${name}"`
  throw new StatusError(
    403,
    'Forbidden',
    `${what} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${groupOf(served)}" ${where}`,
    { kind: served.plural, group: groupOf(served) },
  )
}

const groupOf = ({ apiVersion }: ServedKind): string =>
  apiVersion.includes('/') ? apiVersion.split('/')[0]! : ''

function read(cluster: Cluster, target: Target, { query }: ApiRequest): unknown {
  if (target.name !== undefined) {
    const object = mustFind(cluster, target)
    return target.subresource === 'scale' ? scaleOf(object) : object
  }
  const items = selected(cluster, target, query)
  const { apiVersion, kind } = target.served
  return {
    kind: `${kind}List`,
    apiVersion,
    metadata: { resourceVersion: String(cluster.store.version) },
    items,
  }
}

export function selected(
  cluster: Cluster,
  { served, namespace }: Target,
  query: URLSearchParams,
): StoredObject[] {
  return cluster.store.list(served.kind, namespace).filter((object) => matches(object, query))
}

/** Selectors of equality, of sets (`in`) and of presence. */
export function matches({ metadata, ...rest }: StoredObject, query: URLSearchParams): boolean {
  const labels = metadata.labels ?? {}
  const isLabelled = (query.get('labelSelector') ?? '')
    .split(/,(?![^(]*\))/)
    .filter(Boolean)
    .every((term) => {
      const set = /^(\S+) in \(([^)]*)\)$/.exec(term)
      if (set !== null)
        return set[2]!
          .split(',')
          .map((each) => each.trim())
          .includes(labels[set[1]!] ?? '')
      const [key, value] = term.split(/==?/) as [string, string | undefined]
      return value === undefined ? labels[key] !== undefined : labels[key] === value
    })
  return (
    isLabelled &&
    (query.get('fieldSelector') ?? '')
      .split(',')
      .filter(Boolean)
      .every((term) => {
        const [path, value] = term.split(/==?/) as [string, string]
        const found = path
          .split('.')
          .reduce<unknown>((at, key) => (at as Data | undefined)?.[key], { metadata, ...rest })
        return String(found ?? '') === value
      })
  )
}

function create(cluster: Cluster, rules: ApiRules, target: Target, request: ApiRequest): StoredObject {
  const given = parsed(request.body) as StoredObject
  const named = placed(given, target)
  if (cluster.store.get(named.kind, named.metadata.namespace, named.metadata.name) !== undefined)
    throw new StatusError(
      409,
      'AlreadyExists',
      `${target.served.plural} "${named.metadata.name}" already exists`,
    )
  return write(cluster, rules, request, undefined, ownChanges(undefined, named, by(cluster, request)))
}

function replace(cluster: Cluster, rules: ApiRules, target: Target, request: ApiRequest): StoredObject {
  const live = mustFind(cluster, target)
  const given = placed(parsed(request.body) as StoredObject, target)
  return update(cluster, rules, target, request, live, given)
}

function patch(cluster: Cluster, rules: ApiRules, target: Target, request: ApiRequest): ApiAnswer {
  const isApply = request.contentType.startsWith('application/apply-patch+yaml')
  const live = cluster.store.get(target.served.kind, target.namespace, target.name!)
  if (isApply && target.subresource === undefined) return apply(cluster, rules, target, request, live)
  const object = mustFind(cluster, target)
  const from = target.subresource === 'scale' ? scaleOf(object) : object
  const body = parsed(request.body)
  const patched = request.contentType.startsWith('application/json-patch')
    ? jsonPatch(from, body as Parameters<typeof jsonPatch>[1])
    : request.contentType.startsWith('application/strategic')
      ? strategicPatch(from, body)
      : mergePatch(from, body)
  return { code: 200, body: update(cluster, rules, target, request, object, patched as StoredObject) }
}

function apply(
  cluster: Cluster,
  rules: ApiRules,
  target: Target,
  request: ApiRequest,
  live: StoredObject | undefined,
): ApiAnswer {
  const manager = request.query.get('fieldManager')
  if (manager === null)
    throw new StatusError(
      422,
      'Invalid',
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    )
  const given = placed(parsed(request.body) as StoredObject, target)
  if (given.metadata.managedFields !== undefined)
    throw new StatusError(400, 'BadRequest', 'metadata.managedFields must be nil')
  checkFields(rules, request, given)
  const { object, conflicts } = applyPatch(live, given, {
    manager,
    isForced: request.query.get('force') === 'true',
    now: cluster.timestamp(),
  })
  if (conflicts.length > 0) {
    const causes = conflicts.map(({ manager: other, path }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with "${other}"`,
      field: path,
    }))
    const what =
      conflicts.length === 1
        ? `conflict: conflict with "${conflicts[0]!.manager}": ${conflicts[0]!.path}`
        : `conflicts`
    throw new StatusError(409, 'Conflict', `Apply failed with ${conflicts.length} ${what}`, { causes })
  }
  const code = live === undefined ? 201 : 200
  return { code, body: write(cluster, rules, request, live, object) }
}

function update(
  cluster: Cluster,
  rules: ApiRules,
  target: Target,
  request: ApiRequest,
  live: StoredObject,
  given: StoredObject,
): StoredObject {
  const { resourceVersion } = given.metadata
  if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion)
    throw new StatusError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${target.served.plural} "${target.name}": the object has been modified; please apply your changes to the latest version and try again`,
    )
  if (target.subresource === 'status')
    return store(cluster, request, live, {
      ...live,
      ...(given.status === undefined ? {} : { status: given.status }),
    })
  if (target.subresource === 'scale') {
    const { replicas } = given.spec as { replicas: number }
    const scaled = { ...live, spec: { ...live.spec, replicas } }
    const written = write(cluster, rules, request, live, ownChanges(live, scaled, by(cluster, request)))
    return scaleOf(written)
  }
  const metadata: StoredMetadata = { ...live.metadata, ...given.metadata }
  for (const key of ['labels', 'annotations'] as const)
    if (given.metadata[key] === undefined) delete metadata[key]
  const { status: _, ...rest } = given
  const next = {
    ...rest,
    metadata,
    ...(live.status === undefined ? {} : { status: live.status }),
  } as StoredObject
  return write(cluster, rules, request, live, ownChanges(live, next, by(cluster, request)))
}

function write(
  cluster: Cluster,
  rules: ApiRules,
  request: ApiRequest,
  live: StoredObject | undefined,
  given: StoredObject,
): StoredObject {
  checkFields(rules, request, given)
  const after = withDefaults(given)
  admit(live, after)
  const { namespace } = after.metadata
  if (namespace !== undefined && cluster.store.get('Namespace', undefined, namespace) === undefined)
    throw new StatusError(404, 'NotFound', `namespaces "${namespace}" not found`, {
      name: namespace,
      kind: 'namespaces',
    })
  const dated: StoredObject = {
    ...after,
    metadata: {
      creationTimestamp: cluster.timestamp(),
      ...after.metadata,
      ...(live === undefined ? {} : { uid: live.metadata.uid! }),
    },
  }
  return store(cluster, request, live, withGeneration(live, dated))
}

function store(
  cluster: Cluster,
  { query }: ApiRequest,
  live: StoredObject | undefined,
  object: StoredObject,
): StoredObject {
  if (query.get('dryRun') === 'All')
    return {
      ...object,
      metadata: { ...object.metadata, resourceVersion: live?.metadata.resourceVersion ?? '' },
    }
  return cluster.store.put(sorted(object) as StoredObject)
}

function checkFields({ faultsOf }: ApiRules, { query }: ApiRequest, object: StoredObject): void {
  if (faultsOf === undefined || query.get('fieldValidation') !== 'Strict') return
  const faults = faultsOf(object)
  if (faults.length > 0)
    throw new StatusError(
      400,
      'BadRequest',
      `failed to create typed patch object: strict decoding error: ${faults.join(', ')}`,
    )
}

function remove(cluster: Cluster, target: Target, request: ApiRequest): unknown {
  const object = mustFind(cluster, target)
  if (request.query.get('dryRun') !== 'All') {
    if (object.kind === 'Pod') endPod(cluster, object)
    else {
      const policy =
        request.body === ''
          ? undefined
          : (parsed(request.body) as { propagationPolicy?: string }).propagationPolicy
      if (policy === 'Orphan') orphan(cluster, object)
      cluster.store.remove(object)
    }
  }
  return { kind: 'Status', apiVersion: 'v1', status: 'Success' }
}

function orphan({ store }: Cluster, owner: StoredObject): void {
  for (const kind of ['ReplicaSet', 'Pod'])
    for (const object of ownedBy(store, kind, owner)) {
      const { ownerReferences: _, ...metadata } = object.metadata
      store.put({ ...object, metadata })
    }
}

function mustFind(cluster: Cluster, { served, namespace, name = '' }: Target): StoredObject {
  const object = cluster.store.get(served.kind, namespace, name)
  if (object !== undefined) return object
  const group = groupOf(served)
  throw new StatusError(
    404,
    'NotFound',
    `${served.plural}${group === '' ? '' : `.${group}`} "${name}" not found`,
    { name, kind: served.plural },
  )
}

/** The kind and the place come from the path, and must not differ. */
function placed(given: StoredObject, { served, namespace, name }: Target): StoredObject {
  if (given.kind !== served.kind || given.apiVersion !== served.apiVersion)
    throw new StatusError(
      400,
      'BadRequest',
      `the object provided is unrecognized: ${given.apiVersion} ${given.kind} for ${served.plural}`,
    )
  if (name !== undefined && given.metadata?.name !== name)
    throw new StatusError(
      400,
      'BadRequest',
      `the name of the object (${given.metadata?.name}) does not match the name on the URL (${name})`,
    )
  const other = given.metadata.namespace
  if (other !== undefined && namespace !== undefined && other !== namespace)
    throw new StatusError(
      400,
      'BadRequest',
      `the namespace of the provided object does not match the namespace sent on the request`,
    )
  return { ...given, metadata: { ...given.metadata, ...(namespace === undefined ? {} : { namespace }) } }
}

function scaleOf({ metadata, spec, status }: StoredObject): StoredObject {
  const { name, namespace, resourceVersion, uid } = metadata
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(uid === undefined ? {} : { uid }),
    },
    spec: { replicas: spec?.replicas },
    status: { replicas: status?.replicas ?? 0 },
  }
}

const by = (cluster: Cluster, { query }: ApiRequest): { manager: string; now: string } => ({
  manager: query.get('fieldManager') ?? 'unknown',
  now: cluster.timestamp(),
})

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new StatusError(400, 'BadRequest', 'the body is no JSON, which is all that this fake reads')
  }
}
