/** Documentation of findings on reading and API server rejections: source of docs/lint-rules.md. */

import type { RuleFacts } from '../rule-facts.ts'

type Row = readonly [id: string, what: string, why: string]

const reading: readonly Row[] = [
  ['yaml_syntax', 'text that is no YAML', 'nothing of the document can be applied'],
  [
    'duplicate_key',
    'a key that is twice in one map',
    'strict decoding refuses it; elsewhere the last one silently wins',
  ],
  ['helm_template', 'a Helm template', 'it becomes a manifest only when it is rendered'],
  ['alias_bomb', 'aliases that make a small file huge', 'readers refuse it, or run out of memory'],
  ['not_text', 'bytes that are no text', 'it is no manifest'],
  ['too_large', 'a file above 16 MiB', 'it is not read here'],
  ['not_an_object', 'a document that is a list or a word', 'only objects can be applied'],
  ['no_kind', 'a document without apiVersion or kind', 'nobody can say what it is'],
]

const kinds: readonly Row[] = [
  ['unknown_kind', 'a kind or a group that no API server has', 'there is nowhere to send it to'],
  ['removed_api', 'a version that was removed', 'an API server of 1.33 does not know it any more'],
  [
    'unknown_field',
    'a field that the kind does not have',
    'strict validation refuses it; else it is silently dropped',
  ],
  ['wrong_type', 'a value of another type', 'it cannot be decoded: often a number or an on without quotes'],
  ['missing_field', 'a field that must be there', 'the server does not guess it'],
  ['bad_value', 'a word outside of a closed list', 'the server takes none but those'],
  ['out_of_range', 'a number that is too small or too large', 'the server checks its bounds'],
  [
    'exported_field',
    'a field that a cluster wrote into its own object',
    'apply refuses it: the file is a copy of a live object',
  ],
  [
    'object_too_large',
    'an object above what etcd takes',
    '1.5 MiB, and 1 MiB of data for ConfigMaps and Secrets',
  ],
]

const names: readonly Row[] = [
  ['missing_name', 'an object without a name', 'apply needs one'],
  ['bad_name', 'a name of the wrong form', 'names become DNS names, paths or files'],
  [
    'bad_label',
    'a label or selector of the wrong form',
    'keys and values have 63 characters of a small alphabet',
  ],
  [
    'bad_annotation',
    'annotations of the wrong form, or too many',
    'keys are as those of labels; all together have 256 KiB',
  ],
  ['bad_selector', 'a selector that cannot be', 'empty, without values, or of a Job, which makes its own'],
  [
    'selector_mismatch',
    "a selector that misses its own template's labels",
    'the workload would never find its pods',
  ],
  ['duplicate_item', 'two items of one key in a list', 'server-side apply merges by that key and refuses it'],
  ['object_twice', 'the same object twice in one folder', 'the one that is applied last wins, silently'],
  ['immutable_field', 'a change of what cannot change', 'the object must be made anew (needs --before)'],
  ['port_taken', 'a node port of two Services', 'the second is refused'],
]

const pods: readonly Row[] = [
  [
    'duplicate_container',
    'two containers of one name',
    'names are unique in a pod, init containers among them',
  ],
  [
    'bad_restart_policy',
    'a restart policy that the kind does not take',
    'Deployments and the like restart always, Jobs never do',
  ],
  ['bad_port', 'a port that is none', 'from 1 to 65535, and what the kind allows'],
  ['bad_port_name', 'a name of a port of the wrong form', 'at most 15 small letters, digits and dashes'],
  ['duplicate_port', 'one port twice', 'names and host ports are unique'],
  ['bad_env', 'a variable that says two things, or nothing', 'value and valueFrom exclude each other'],
  [
    'bad_field_path',
    'a field of the pod that it does not offer',
    'only a few fields can be variables or files',
  ],
  ['bad_quantity', 'an amount that is none', '16GB, 8Gb and 16 Gi are no quantities; GPUs are whole'],
  ['bad_resource', 'a resource that a container does not have', 'gpu is nvidia.com/gpu'],
  ['requests_above_limits', 'a request above its limit', 'nobody could schedule it'],
  ['requests_not_limits', 'GPUs with other requests than limits', 'what cannot be shared has one number'],
  [
    'requests_without_limits',
    'GPUs that are requested without a limit',
    'what cannot be shared needs its limit',
  ],
  ['bad_limit_range', 'limits that contradict each other', 'min <= defaultRequest <= default <= max'],
  ['bad_handler', 'a probe or hook with no handler, or two', 'exactly one is run'],
  ['bad_probe', 'a probe that cannot be', 'init containers that end have none; liveness succeeds once'],
  ['unknown_volume', 'a mount of a volume that the pod does not have', 'the pod could never start'],
  ['duplicate_volume', 'two volumes of one name', 'mounts could not tell them apart'],
  ['duplicate_mount', 'two volumes at one path', 'one would hide the other'],
  [
    'volume_source',
    'a volume with two sources, or none',
    'exactly one is mounted; without one it is an empty directory',
  ],
  ['bad_mount', 'a path that leaves its volume, or the like', 'paths in volumes are relative, without ..'],
  ['bad_mode', 'a file mode above 0777', '644 in decimal is another mode than 0644'],
  ['bad_security', 'a security context that contradicts itself', 'privileged can always gain privileges'],
  ['bad_dns', 'DNS settings that cannot be', 'None needs servers, and three are the most'],
  ['bad_address', 'an address that is none', 'IP addresses and CIDRs have a form'],
  ['bad_toleration', 'a toleration that cannot match', 'Exists takes no value; no key needs Exists'],
  ['bad_affinity', 'a term that cannot match', 'operators ask for values or for none'],
  ['bad_spread', 'a spread that contradicts itself', 'minDomains needs DoNotSchedule'],
]

const workloads: readonly Row[] = [
  [
    'bad_strategy',
    'a strategy that could replace no pod, or contradicts itself',
    'Recreate takes no rollingUpdate',
  ],
  ['bad_percent', 'a share that is none', '"1" in quotes is neither a number nor a percentage'],
  ['bad_job', 'settings of a Job that do not go together', 'some need Indexed, some restartPolicy Never'],
  ['bad_schedule', 'a schedule that is none', 'five fields; Sunday is 0'],
  ['bad_time_zone', 'a time zone that is none', 'names of the IANA list'],
  ['bad_service', 'settings of a Service that do not go together', 'many are of one type only'],
  ['bad_ingress', 'an Ingress that leads nowhere', 'each path has one backend with one port'],
  ['bad_host', 'a host that is no name', 'no scheme, no port, no IP address'],
  ['bad_policy', 'a network policy with a peer that says nothing', 'or two things at once'],
  ['bad_budget', 'a budget with two bounds', 'minAvailable and maxUnavailable exclude each other'],
  ['bad_metric', 'a metric with another source or target than its type', 'exactly one is read'],
  ['bad_role', 'a rule of a role that cannot be', 'URLs belong to ClusterRoles and to rules of their own'],
  ['bad_binding', 'a binding of what cannot be bound', 'a ClusterRoleBinding gives ClusterRoles only'],
  ['bad_key', 'a key of data of the wrong form, or twice', 'keys become files'],
  ['bad_base64', 'data of a Secret that is no base64', 'stringData takes plain text'],
  ['bad_secret', 'a Secret without what its type needs', 'tls needs tls.crt and tls.key'],
  ['bad_claim', 'a claim or volume that contradicts itself', 'ReadWriteOncePod stands alone'],
  ['bad_definition', 'a custom resource definition that stores no version, or two', 'exactly one is stored'],
  ['bad_webhook', 'a webhook that no API server would call', 'v1 takes no side effects'],
  ['bad_duration', 'a duration that Prometheus does not read', 'whole numbers with ms, s, m, h, d'],
  ['bad_rule', 'a rule that records and alerts, or neither', 'exactly one'],
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
    what: 'a namespace on what lives in none',
    why: 'it is ignored, and says something wrong',
  },
  {
    id: 'unchecked_kind',
    severity: 'advice',
    what: 'a custom kind that nothing is known of',
    why: 'only its name and its labels are checked',
  },
]
