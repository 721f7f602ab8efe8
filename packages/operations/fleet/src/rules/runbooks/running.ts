/** Runbooks for running components: gateways, engines, replicas, and their Kubernetes state. */

import type { Runbook } from './runbook.ts'

const pods = { says: 'What do pods do?', shell: 'hadal deploy status\nkubectl -n hadal get pods -o wide' }
const describe = {
  says: 'Why?',
  shell: 'kubectl -n hadal describe pod NAME\nkubectl -n hadal logs NAME --previous --tail 100',
}

export const running: readonly Runbook[] = [
  {
    alert: 'HadalGatewayDown',
    means:
      'For 2m no gateway has answered Prometheus on `/metrics`, or Prometheus has no gateway among its targets.',
    clients: 'No answer at all: connections are refused, or the load balancer says 502 or 503.',
    look: [
      pods,
      {
        says: 'Does one answer from inside?',
        shell: 'kubectl -n hadal port-forward svc/hadal 8080 & sleep 2; curl -i localhost:8080/ready',
      },
      {
        says: 'Has the Service endpoints?',
        shell: 'kubectl -n hadal get endpointslices -l kubernetes.io/service-name=hadal',
      },
      describe,
    ],
    causes: [
      'A config that the gateway refuses: it ends at once, and its log says all faults.',
      'The Secret is missing or lacks a key: pods stay in CreateContainerConfigError.',
      'The image cannot be pulled.',
      'Only Prometheus cannot reach them: a NetworkPolicy, or `privateMetrics` without a key.',
    ],
    act: [
      'After a change: `hadal deploy undo`.',
      'Missing key: add it to the Secret; pods start by themselves.',
      'If clients are served and only Prometheus is not: `deploy.monitoringNamespace` must be the one that it scrapes from.',
    ],
    wrong:
      'If clients are served, only scraping is broken; no other alert can fire then, so it is worth being woken up for.',
  },
  {
    alert: 'HadalTargetDown',
    means:
      'One pod does not answer on `/metrics`: a gateway for 5m, an engine for longer than its start may take.',
    clients: 'Nothing, as long as others do its work; else HadalGatewayDown or HadalUpstreamDown fires.',
    look: [pods, { says: 'Which targets, and what does Prometheus say?', promql: 'up == 0' }, describe],
    causes: [
      'The process hangs or ends again and again.',
      'The node is gone or cut off.',
      'vLLM listens only when the model is loaded, and loading takes longer than planned.',
      'A scrape takes longer than its time limit.',
    ],
    act: [
      'Delete the pod; its controller makes another one.',
      'A node that is away: `kubectl drain` it once it is back.',
      'Starts that take longer than planned: measure one (`hadal bench coldstart`) and set `deploy.coldStartMillis`.',
    ],
    wrong: 'While a pod is drained it may not answer for some minutes.',
  },
  {
    alert: 'HadalMetricsAbsent',
    means:
      'Prometheus has had no engine of a model among its targets for longer than a start may take. Rules over metrics that are absent never fire: this one tells of that.',
    clients: 'Nothing, if only scraping is broken; else HadalUpstreamDown fires as well.',
    look: [
      pods,
      {
        says: 'Is there a ServiceMonitor, and does Prometheus choose it?',
        shell:
          'kubectl -n hadal get servicemonitors --show-labels\nkubectl get prometheus -A -o jsonpath="{.items[*].spec.serviceMonitorSelector}"',
      },
      { says: 'What does it scrape there?', promql: 'count by (namespace, job) (up)' },
    ],
    causes: [
      'The engine is scaled to none, or its Deployment is gone.',
      'Labels of the ServiceMonitor are not those that Prometheus selects (`deploy.monitoringLabels`, often `release`).',
      'Targets have no labels `namespace` and `pod`, as in a Prometheus of one’s own without that relabeling.',
    ],
    act: [
      'Set `deploy.monitoringLabels` to what Prometheus selects and apply again.',
      'For a Prometheus of your own, take the scrape config of `hadal monitor render`.',
    ],
    wrong:
      'An engine that was scaled to none by hand is rightly absent. Where `scaling.scaleToZero` allows none, this alert is not rendered.',
  },
  {
    alert: 'HadalEngineNotReady',
    means:
      'An embedded engine has not taken requests (`hadal_engine_ready` is 0) for longer than its start may take. Its server answers.',
    clients: 'Nothing while other replicas are ready; the pod is out of the Service.',
    look: [
      {
        says: 'What is it at?',
        shell: 'kubectl -n hadal logs NAME --tail 100\nkubectl -n hadal exec NAME -- hadal --version',
      },
      { says: 'Does its process start again and again?', promql: 'hadal_engine_restarts' },
      { says: 'How long did starts take that succeeded?', promql: 'hadal_start_seconds{phase="all"}' },
    ],
    causes: [
      'The model does not fit: memory of the GPU is held by another process, or the context is too large.',
      'The model file is damaged or of an architecture that the library does not know.',
      'Loading from a slow volume takes longer than planned.',
    ],
    act: [
      'Read its log: the code of the error says which.',
      'Smaller `contextLength` or `kvCacheBytes`, or another quantisation.',
      'Slow volume: set `deploy.coldStartMillis` from `hadal bench coldstart`.',
    ],
    wrong:
      'A model that is loaded for the first time on a node downloads and warms up: where that takes longer than planned, raise `deploy.coldStartMillis`.',
  },
  {
    alert: 'HadalEngineRestarts',
    means:
      'The process with the native library has been started again at least twice within 15m, while the server around it went on.',
    clients:
      'Requests that ran in it end with `engine_crashed` (503, with when to retry). Gateways ask another replica where no byte was sent.',
    look: [
      {
        says: 'What were its last lines?',
        shell: "kubectl -n hadal logs NAME --since 20m | grep -i -B5 'engine process'",
      },
      {
        says: 'Did the kernel kill it, or the GPU fail?',
        shell: 'kubectl -n hadal describe pod NAME | grep -A3 "Last State"',
      },
      { says: 'Xid errors of GPUs', promql: 'DCGM_FI_DEV_XID_ERRORS > 0' },
    ],
    causes: [
      'One request that the library cannot bear, sent again and again by its client.',
      'Memory: the process is killed at the container’s limit.',
      'A GPU that fails (HadalGpuXid).',
      'A driver too old for the library.',
    ],
    act: [
      'If one request does it, find it by its id in the log, and refuse its caller meanwhile.',
      'Memory: raise `deploy.memoryLimit`, or a smaller `contextLength`.',
      'GPU: drain the node.',
    ],
    wrong: 'It is counted per server: two pods that each restart once do not fire it.',
  },
  {
    alert: 'HadalKvCacheFull',
    means:
      'Engines of a model have used more than 95% of their memory for keys and values, on average for 10m.',
    clients: 'Requests wait though the batch has places; some are put aside and computed again.',
    look: [
      {
        says: 'How full, and does anything wait?',
        promql: 'avg by (model_name) (vllm:kv_cache_usage_perc)\nmodel:requests_waiting:sum',
      },
      {
        says: 'How long are requests?',
        promql:
          'sum by (model_name) (rate(vllm:prompt_tokens_total[5m])) / sum by (model_name) (rate(vllm:e2e_request_latency_seconds_count[5m]))',
      },
    ],
    causes: [
      'Longer contexts than planned.',
      'A batch that is larger than the memory for it.',
      'More requests than engines can do.',
    ],
    act: [
      'More memory: `kvCacheBytes`, or vLLM’s `--gpu-memory-utilization`.',
      'Keys and values in 8 bits (`kvCacheType`).',
      'A smaller `contextLength` or `maxBatchSize`, or more engines.',
    ],
    wrong:
      'An embedded engine keeps prefixes as long as there is room: those count as used only while they are needed. Full without waiting is well used.',
  },
  {
    alert: 'HadalPreemptions',
    means:
      'For 10m more than one of ten requests has been put aside for want of memory for keys and values (or for more urgent ones), and is computed again from its beginning.',
    clients: 'Pauses within a stream, and less throughput for all.',
    look: [
      { says: 'How often?', promql: 'sum by (model_name) (rate(vllm:num_preemptions_total[5m]))' },
      { says: 'How full is the memory?', promql: 'avg by (model_name) (vllm:kv_cache_usage_perc)' },
    ],
    causes: [
      'Too little memory for keys and values: see HadalKvCacheFull.',
      'Many requests of high priority beside long ones of low.',
    ],
    act: [
      'As for HadalKvCacheFull.',
      'Limit how many are computed at once: `maxBatchSize`, vLLM’s `--max-num-seqs`.',
    ],
    wrong: 'With priorities it is meant to happen now and then: the threshold is one of ten.',
  },
  {
    alert: 'HadalUpstreamDown',
    means:
      'No gateway has had a replica of a model that is well, for 2m (where models may be scaled to none: for as long as a start may take, 10m at least, and only while somebody asks).',
    clients: '503 `upstream_unavailable` with `Retry-After`, unless a fallback answers.',
    look: [
      pods,
      { says: 'Does anybody answer?', promql: 'sum by (model_name, replica) (hadal_upstream_replica_up)' },
      {
        says: 'Which replicas does a gateway know?',
        shell: 'kubectl -n hadal get endpointslices -l app.kubernetes.io/component=engine',
      },
      describe,
    ],
    causes: [
      'All engines start, wait for a node, or end again and again.',
      'A rollout with `Recreate`, or one without a GPU to spare.',
      'The gateway may not list EndpointSlices (its Role is missing), so it knows of none.',
      'Another provider is down, or refuses the key (401 counts as `upstream_failed`).',
    ],
    act: [
      'Pending: free GPUs, or scale something else down.',
      'After a change: `hadal deploy undo`.',
      'Give the model a fallback (`models[].fallbacks`) so that clients have an answer meanwhile.',
    ],
    wrong:
      'A model that is only on demand has no replica while nobody asks: set `scaling.scaleToZero`, and it is told only while requests wait for it or are refused.',
  },
  {
    alert: 'HadalUpstreamReplicaDown',
    means: 'One replica has failed the health checks of every gateway for 5m.',
    clients: 'Nothing, but there is less room: see HadalBacklogHigh.',
    look: [
      { says: 'Which of them?', promql: 'hadal_upstream_replica_up == 0' },
      {
        says: 'Does it answer?',
        shell:
          'kubectl -n hadal exec deploy/hadal-gateway -- node -e "fetch(process.argv[1]).then(r => console.log(r.status))" REPLICA/health',
      },
      describe,
    ],
    causes: [
      'The engine hangs: its health answers only after a step.',
      'Its node is gone.',
      'A NetworkPolicy lets the gateway no longer through.',
    ],
    act: [
      'Delete the pod.',
      'If it hangs again, keep its log and the output of `nvidia-smi` before it is deleted.',
    ],
    wrong: 'An address in `replicas` that is no longer used stays down for ever: take it out.',
  },
  {
    alert: 'HadalUpstreamBreakerOpen',
    means:
      'For 5m the circuit of every gateway to a replica has been open or half open: each request that was tried there failed.',
    clients: 'Nothing, while others do its work.',
    look: [
      {
        says: 'How often is it tried, and does it fail?',
        promql:
          'sum by (model_name, replica) (rate(hadal_upstream_attempts_total[5m]))\nsum by (model_name, replica) (rate(hadal_upstream_failures_total[5m]))',
      },
      {
        says: 'Why does it fail?',
        shell:
          'kubectl -n hadal logs -l app.kubernetes.io/component=gateway --since 15m | grep upstream_failed | tail -5',
      },
    ],
    causes: [
      'The replica answers its health checks and fails at everything else: out of GPU memory, or a wrong model name.',
      'It answers too late: `firstByteTimeoutMillis`.',
    ],
    act: [
      'Read one of the errors: its status and message are passed on.',
      'Delete the pod if it is the only one.',
      'Too late: see HadalTtftHigh.',
    ],
    wrong:
      'With very few requests a circuit is tried rarely, and stays open for want of anyone who would close it.',
  },
  {
    alert: 'HadalPodsPending',
    means: 'A pod of this service has been pending for longer than its image and model take to come.',
    clients: 'Nothing, while others do its work.',
    look: [
      { says: 'Why does it wait?', shell: 'kubectl -n hadal describe pod NAME | tail -20' },
      { says: 'Would it fit at all?', shell: 'hadal deploy plan' },
      {
        says: 'Who holds GPUs?',
        shell:
          'kubectl get pods -A -o json | jq -r \'.items[] | select([.spec.containers[].resources.limits."nvidia.com/gpu"] | any) | .metadata.namespace + "/" + .metadata.name\'',
      },
    ],
    causes: [
      '`Insufficient nvidia.com/gpu`: none is free, as in a rollout that makes the new pod first.',
      'A taint that is not tolerated, or a node label that no node has.',
      'A volume that cannot be bound or is in another zone.',
      'The download of the model is slow or refused (its init container says so).',
    ],
    act: [
      '`hadal deploy plan` says whether it would deadlock, and `hadal deploy apply` chooses the strategy that does not.',
      'Scale something else down, or add a node.',
      'Gated model: the Secret needs `hf-token`.',
    ],
    wrong: 'A cluster that adds nodes by itself may take 15m for one with a GPU.',
  },
  {
    alert: 'HadalPodRestarts',
    means: 'A container was started again three times or more within 30m.',
    clients: 'Requests in it end; gateways ask elsewhere what has no byte yet.',
    look: [
      {
        says: 'How did it end last?',
        shell:
          "kubectl -n hadal get pod NAME -o jsonpath='{.status.containerStatuses[*].lastState.terminated}'",
      },
      describe,
    ],
    causes: [
      '`OOMKilled`: more memory than `deploy.memoryLimit`.',
      'The startup probe gave up before the model was loaded.',
      'The liveness probe fails: the process hangs.',
      'The config is refused.',
    ],
    act: [
      'OOMKilled: raise `deploy.memoryLimit`, or a smaller context.',
      'Startup: `deploy.coldStartMillis` from `hadal bench coldstart`.',
      'Config: `hadal deploy undo`.',
    ],
    wrong: 'A node that is rebooted starts all its containers again, each once.',
  },
  {
    alert: 'HadalRolloutStuck',
    means:
      'Kubernetes has given up waiting for a rollout (ProgressDeadlineExceeded). It goes on by itself if the reason goes away.',
    clients: 'Old pods serve, as far as they are left.',
    look: [
      { says: 'Where is it?', shell: 'hadal deploy status' },
      {
        says: 'What do new pods wait for?',
        shell: 'kubectl -n hadal get pods --field-selector=status.phase=Pending\nhadal deploy plan',
      },
    ],
    causes: [
      'New pods wait for GPUs that old ones hold: a surge without spare GPUs.',
      'New pods end again and again (HadalPodRestarts).',
      'A quota of the namespace.',
    ],
    act: [
      '`hadal deploy undo` brings the last good revision back.',
      'Then `hadal deploy apply`, which counts free GPUs and chooses a strategy that goes through.',
    ],
    wrong:
      'After it was fixed, the condition stays until the next pod is ready: compare `observedGeneration`.',
  },
  {
    alert: 'HadalScaledToMaximum',
    means: 'For 15m an autoscaler has wanted as many engines as `scaling.maxReplicas` allows.',
    clients: 'Nothing yet; with more to do they wait.',
    look: [
      { says: 'What does it go by?', shell: 'kubectl -n hadal describe hpa\nhadal scale status' },
      { says: 'Would more help?', promql: 'model:requests_waiting:sum\nmodel:gpu_utilization_percent:avg5m' },
    ],
    causes: [
      'More is asked than planned.',
      'Its target is lower than engines need.',
      'Engines are slower than before.',
    ],
    act: [
      'Raise `scaling.maxReplicas` if there are GPUs: `hadal deploy plan` counts them.',
      'Else limit callers, or buy.',
    ],
    wrong: 'Where the maximum is also the minimum it fires always: then take the autoscaler away.',
  },
  {
    alert: 'HadalScalerFailing',
    means:
      'For 10m the autoscaler has had no value to go by (ScalingActive is false), and there are engines. Of `hadal scale`: a figure is missing, or nobody leads.',
    clients: 'Nothing, until more is asked.',
    look: [
      {
        says: 'What does it say?',
        shell:
          'kubectl -n hadal describe hpa | grep -A10 Conditions\nkubectl -n hadal describe scaledobject\nhadal scale status',
      },
      { says: 'Does its query have one result?', promql: 'sum(vllm:num_requests_waiting)' },
    ],
    causes: [
      'Prometheus does not answer at the address that KEDA has.',
      'The query has no result, or more than one: a metric has been renamed, or nothing exports it.',
      'The metrics adapter is not installed.',
      'Of `hadal scale`: an exporter is silent for some engines, or its Role was changed and it may not do what it needs to.',
    ],
    act: [
      'Ask the query of the ScaledObject in Prometheus; it must give exactly one number.',
      'Of `hadal scale`, status says which figure is missing, or what keeps it from acting. A number that is set by hand (`kubectl -n hadal scale deployment NAME --replicas=N`) stays while it has nothing to go by.',
      'Of KEDA, set the number by hand meanwhile: `kubectl -n hadal annotate scaledobject NAME autoscaling.keda.sh/paused-replicas=N`.',
    ],
    wrong: 'In the first minutes after it was made it has no value yet.',
  },
]
