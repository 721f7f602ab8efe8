/** Documentation of findings on reading and API server rejections: source of docs/lint-rules.md. */

import type { RuleFacts } from '../rule-facts.ts'

type Row = readonly [id: string, what: string, why: string]

const reading: readonly Row[] = [
  ['yaml_syntax', 'invalid YAML', 'the document cannot be applied'],
  [
    'duplicate_key',
    'a duplicate key in a map',
    'strict decoding rejects it; otherwise the last value silently wins',
  ],
  ['helm_template', 'an unrendered Helm template', 'it must be rendered before it can be applied'],
  ['alias_bomb', 'YAML aliases that expand to a huge document', 'parsers reject it, or run out of memory'],
  ['not_text', 'a binary file', 'manifests are text'],
  ['too_large', 'a file larger than 16 MiB', 'the linter does not read it'],
  ['not_an_object', 'a document that is not an object', 'only objects can be applied'],
  ['no_kind', 'a document without apiVersion or kind', 'the kind of the object is unknown'],
]

const kinds: readonly Row[] = [
  ['unknown_kind', 'an unknown kind or API group', 'no API server accepts it'],
  ['removed_api', 'a removed API version', 'Kubernetes 1.33 no longer serves it'],
  ['unknown_field', 'an unknown field', 'strict validation rejects it; otherwise it is silently dropped'],
  [
    'wrong_type',
    'a value of the wrong type',
    'it cannot be decoded: often an unquoted number or an unquoted on',
  ],
  ['missing_field', 'a missing required field', 'the field has no default'],
  ['bad_value', 'a value outside an enumeration', 'the server accepts only the listed values'],
  ['out_of_range', 'a number out of range', 'the server checks its bounds'],
  [
    'exported_field',
    'a field that is set by the cluster',
    'apply rejects it: the file is a copy of a live object',
  ],
  [
    'object_too_large',
    'an object above the size limit of etcd',
    '1.5 MiB, and 1 MiB of data for ConfigMaps and Secrets',
  ],
]

const names: readonly Row[] = [
  ['missing_name', 'an object without a name', 'apply needs one'],
  ['bad_name', 'an invalid name', 'names are used as DNS names, paths or file names'],
  [
    'bad_label',
    'an invalid label or selector',
    'keys and values have at most 63 characters from a limited set',
  ],
  [
    'bad_annotation',
    'invalid or oversized annotations',
    'keys follow the rules of label keys; all annotations together have at most 256 KiB',
  ],
  ['bad_selector', 'an invalid selector', 'empty, without values, or set on a Job, which generates its own'],
  [
    'selector_mismatch',
    'a selector that does not match the labels of its template',
    'the workload would never find its pods',
  ],
  [
    'duplicate_item',
    'two list items with the same key',
    'server-side apply merges by that key and rejects duplicates',
  ],
  ['object_twice', 'the same object twice in one folder', 'the one applied last silently wins'],
  ['immutable_field', 'a change of an immutable field', 'the object must be recreated (needs --before)'],
  ['port_taken', 'a node port used by two Services', 'the second Service is rejected'],
]

const pods: readonly Row[] = [
  [
    'duplicate_container',
    'two containers with the same name',
    'names must be unique in a pod, including init containers',
  ],
  [
    'bad_restart_policy',
    'a restart policy that the kind does not support',
    'Deployments and similar need Always; Jobs do not support it',
  ],
  ['bad_port', 'an invalid port', 'ports are from 1 to 65535, with further limits per kind'],
  ['bad_port_name', 'an invalid port name', 'at most 15 lowercase letters, digits and dashes'],
  ['duplicate_port', 'a duplicate port', 'port names and host ports must be unique'],
  [
    'bad_env',
    'an environment variable with two sources, or none',
    'value and valueFrom are mutually exclusive',
  ],
  [
    'bad_field_path',
    'an unsupported pod field reference',
    'only a few pod fields can be exposed as variables or files',
  ],
  [
    'bad_quantity',
    'an invalid quantity',
    '16GB, 8Gb and 16 Gi are not valid quantities; GPUs are whole numbers',
  ],
  ['bad_resource', 'an unknown container resource', 'write nvidia.com/gpu instead of gpu'],
  ['requests_above_limits', 'a request above its limit', 'requests must not exceed limits'],
  [
    'requests_not_limits',
    'GPU requests that differ from the limits',
    'extended resources cannot be overcommitted',
  ],
  ['requests_without_limits', 'GPU requests without a limit', 'extended resources need a limit'],
  ['bad_limit_range', 'limits that contradict each other', 'min <= defaultRequest <= default <= max'],
  ['bad_handler', 'a probe or hook without exactly one handler', 'exactly one handler must be set'],
  [
    'bad_probe',
    'an invalid probe',
    'init containers without restartPolicy Always have no probes; successThreshold of liveness is 1',
  ],
  ['unknown_volume', 'a mount of an undefined volume', 'the pod cannot be created'],
  ['duplicate_volume', 'two volumes with the same name', 'volume names must be unique'],
  ['duplicate_mount', 'two volumes mounted at the same path', 'mount paths must be unique'],
  [
    'volume_source',
    'a volume without exactly one source',
    'exactly one source must be set; without one it is an empty directory',
  ],
  ['bad_mount', 'an invalid volume path', 'paths in volumes must be relative and must not contain ..'],
  ['bad_mode', 'a file mode above 0777', 'decimal 644 is not octal 0644'],
  ['bad_security', 'a security context that contradicts itself', 'privileged can always gain privileges'],
  ['bad_dns', 'invalid DNS settings', 'None needs nameservers, at most three'],
  ['bad_address', 'an invalid address', 'it must be a valid IP address or CIDR'],
  [
    'bad_toleration',
    'a toleration that cannot match',
    'Exists does not accept a value; an empty key needs Exists',
  ],
  [
    'bad_affinity',
    'an affinity term that cannot match',
    'some operators need values, others do not accept them',
  ],
  ['bad_spread', 'a contradictory topology spread constraint', 'minDomains needs DoNotSchedule'],
]

const workloads: readonly Row[] = [
  [
    'bad_strategy',
    'a contradictory strategy, or one that cannot replace pods',
    'Recreate does not accept rollingUpdate',
  ],
  ['bad_percent', 'an invalid percentage', '"1" in quotes is neither a number nor a percentage'],
  ['bad_job', 'contradictory Job settings', 'some need Indexed, some restartPolicy Never'],
  ['bad_schedule', 'an invalid cron schedule', 'five fields; Sunday is 0'],
  ['bad_time_zone', 'an invalid time zone', 'names come from the IANA time zone database'],
  ['bad_service', 'contradictory Service settings', 'many settings apply to one type only'],
  ['bad_ingress', 'an Ingress without a valid backend', 'each path needs one backend with one port'],
  ['bad_host', 'an invalid host name', 'a host name without scheme, port or IP address is required'],
  [
    'bad_policy',
    'an empty or contradictory NetworkPolicy peer',
    'ipBlock cannot be combined with other selectors',
  ],
  [
    'bad_budget',
    'a PodDisruptionBudget with two bounds',
    'minAvailable and maxUnavailable are mutually exclusive',
  ],
  ['bad_metric', 'a metric whose source or target does not match its type', 'exactly one must be set'],
  ['bad_role', 'an invalid Role rule', 'nonResourceURLs need a ClusterRole and a separate rule'],
  [
    'bad_binding',
    'a binding with an invalid role or subject',
    'a ClusterRoleBinding can only reference a ClusterRole',
  ],
  ['bad_key', 'an invalid or duplicate data key', 'keys are used as file names'],
  ['bad_base64', 'Secret data that is not base64', 'use stringData for plain text'],
  ['bad_secret', 'a Secret without what its type needs', 'for example tls needs tls.crt and tls.key'],
  [
    'bad_claim',
    'a contradictory claim or volume',
    'ReadWriteOncePod cannot be combined with other access modes',
  ],
  [
    'bad_definition',
    'a custom resource definition without exactly one stored version',
    'exactly one version must have storage: true',
  ],
  ['bad_webhook', 'an invalid webhook', 'v1 accepts only sideEffects None and NoneOnDryRun'],
  ['bad_duration', 'an invalid Prometheus duration', 'use whole numbers with ms, s, m, h, d'],
  ['bad_rule', 'a rule without exactly one of record and alert', 'exactly one'],
]

const refused = [...reading, ...kinds, ...names, ...pods, ...workloads].map(
  ([id, what, why]): RuleFacts => ({
    id,
    severity: id === 'object_twice' ? 'harmful' : 'rejected',
    what,
    why,
  }),
)

/**
 * In the order of docs/lint-rules.md.
 *
 * @internal
 */
export const rejectionCatalogue: readonly RuleFacts[] = [
  ...refused,
  {
    id: 'namespace_on_cluster_kind',
    severity: 'advice',
    what: 'a namespace on a cluster-scoped object',
    why: 'the namespace is ignored',
  },
  {
    id: 'unchecked_kind',
    severity: 'advice',
    what: 'a custom kind without a known schema',
    why: 'only its name and its labels are checked',
  },
]
