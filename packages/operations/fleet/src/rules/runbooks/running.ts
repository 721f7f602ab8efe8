/** Runbooks for running components: gateways, engines, replicas, and their Kubernetes state. */

import type { Runbook } from './runbook.ts'

const pods = {
  says: 'What state are the pods in?',
  shell: 'hadal deploy status\nkubectl -n hadal get pods -o wide',
}
const describe = {
  says: 'Why?',
  shell: 'kubectl -n hadal describe pod NAME\nkubectl -n hadal logs NAME --previous --tail 100',
}

export const running: readonly Runbook[] = [
  {
    alert: 'HadalGatewayDown',
    means:
      'For 2m no gateway has responded to Prometheus on `/metrics`, or Prometheus has no gateway among its targets.',
    clients: 'No response: connections are refused, or the load balancer returns 502 or 503.',
    look: [
      pods,
      {
        says: 'Does a gateway respond inside the cluster?',
        shell: 'kubectl -n hadal port-forward svc/hadal 8080 & sleep 2; curl -i localhost:8080/ready',
      },
      {
        says: 'Does the Service have endpoints?',
        shell: 'kubectl -n hadal get endpointslices -l kubernetes.io/service-name=hadal',
      },
      describe,
    ],
    causes: [
      'The gateway rejects its config: it exits at once, and its log lists all errors.',
      'The Secret is missing or lacks a key: pods stay in CreateContainerConfigError.',
      'The image cannot be pulled.',
      'Only Prometheus cannot reach them: a NetworkPolicy, or `privateMetrics` without a key.',
    ],
    act: [
      'After a change: `hadal deploy undo`.',
      'If a key is missing: add it to the Secret; pods start automatically.',
      'If clients are served and only Prometheus is not: set `deploy.monitoringNamespace` to the namespace that it scrapes from.',
    ],
    wrong: 'If clients are served, only scraping is broken; no other alert can fire then, so it still pages.',
  },
  {
    alert: 'HadalTargetDown',
    means:
      'One pod does not respond on `/metrics`: a gateway for 5m, an engine for longer than its start may take.',
    clients:
      'None, as long as others take over its load; otherwise HadalGatewayDown or HadalUpstreamDown fires.',
    look: [
      pods,
      { says: 'Which targets, and what error does Prometheus report?', promql: 'up == 0' },
      describe,
    ],
    causes: [
      'The process hangs or crashes repeatedly.',
      'The node is gone or unreachable.',
      'vLLM listens only once the model is loaded, and loading takes longer than planned.',
      'A scrape exceeds its timeout.',
    ],
    act: [
      'Delete the pod; its controller creates a new one.',
      'If a node is down: `kubectl drain` it once it is back.',
      'If starts take longer than planned: measure one (`hadal bench coldstart`) and set `deploy.coldStartMillis`.',
    ],
    wrong: 'While a pod drains it may not respond for some minutes.',
  },
  {
    alert: 'HadalMetricsAbsent',
    means:
      'Prometheus has had no engine of a model among its targets for longer than a start may take. Rules over missing metrics never fire: this alert covers that case.',
    clients: 'None, if only scraping is broken; otherwise HadalUpstreamDown also fires.',
    look: [
      pods,
      {
        says: 'Is there a ServiceMonitor, and does Prometheus select it?',
        shell:
          'kubectl -n hadal get servicemonitors --show-labels\nkubectl get prometheus -A -o jsonpath="{.items[*].spec.serviceMonitorSelector}"',
      },
      { says: 'What does Prometheus scrape there?', promql: 'count by (namespace, job) (up)' },
    ],
    causes: [
      'The engine is scaled to zero, or its Deployment is gone.',
      'The labels of the ServiceMonitor are not those that Prometheus selects (`deploy.monitoringLabels`, often `release`).',
      'Targets lack the labels `namespace` and `pod`, for example in a custom Prometheus without that relabeling.',
    ],
    act: [
      'Set `deploy.monitoringLabels` to what Prometheus selects and apply again.',
      'For a custom Prometheus, use the scrape config of `hadal monitor render`.',
    ],
    wrong:
      'An engine that was scaled to zero manually is expected to be absent. If `scaling.scaleToZero` allows zero, this alert is not rendered.',
  },
  {
    alert: 'HadalEngineNotReady',
    means:
      'An embedded engine has not accepted requests (`hadal_engine_ready` is 0) for longer than its start may take. Its server responds.',
    clients: 'None while other replicas are ready; the pod is removed from the Service.',
    look: [
      {
        says: 'What is it doing?',
        shell: 'kubectl -n hadal logs NAME --tail 100\nkubectl -n hadal exec NAME -- hadal --version',
      },
      { says: 'Does its process restart repeatedly?', promql: 'hadal_engine_restarts' },
      { says: 'How long did successful starts take?', promql: 'hadal_start_seconds{phase="all"}' },
    ],
    causes: [
      'The model does not fit: GPU memory is held by another process, or the context is too large.',
      'The model file is corrupt or of an architecture that the library does not support.',
      'Loading from a slow volume takes longer than planned.',
    ],
    act: [
      'Read its log: the error code names the cause.',
      'Reduce `contextLength` or `kvCacheBytes`, or use a smaller quantization.',
      'If the volume is slow: set `deploy.coldStartMillis` from `hadal bench coldstart`.',
    ],
    wrong:
      'A model that is loaded for the first time on a node is downloaded and warmed up: if that takes longer than planned, raise `deploy.coldStartMillis`.',
  },
  {
    alert: 'HadalEngineRestarts',
    means:
      'The process with the native library has been restarted at least twice within 15m, while its server kept running.',
    clients:
      'Its running requests fail with `engine_crashed` (503, with Retry-After). Gateways retry on another replica if no byte was sent.',
    look: [
      {
        says: 'What were its last log lines?',
        shell: "kubectl -n hadal logs NAME --since 20m | grep -i -B5 'engine process'",
      },
      {
        says: 'Did the kernel kill it, or did the GPU fail?',
        shell: 'kubectl -n hadal describe pod NAME | grep -A3 "Last State"',
      },
      { says: 'Xid errors of GPUs', promql: 'DCGM_FI_DEV_XID_ERRORS > 0' },
    ],
    causes: [
      'One request crashes the library, and its client keeps retrying.',
      'Memory: the process is killed at the limit of the container.',
      'A failing GPU (HadalGpuXid).',
      'The driver is too old for the library.',
    ],
    act: [
      'If a single request causes it, find it by its id in the log, and block its client for now.',
      'If memory: raise `deploy.memoryLimit`, or lower `contextLength`.',
      'If a GPU: drain the node.',
    ],
    wrong: 'It is counted per server: two pods that each restart once do not fire it.',
  },
  {
    alert: 'HadalKvCacheFull',
    means: 'Engines of a model have used more than 95% of their KV cache, on average for 10m.',
    clients: 'Requests queue although the batch has free slots; some are preempted and recomputed.',
    look: [
      {
        says: 'How full is the cache, and are requests queued?',
        promql: 'avg by (model_name) (vllm:kv_cache_usage_perc)\nmodel:requests_waiting:sum',
      },
      {
        says: 'How long are requests?',
        promql:
          'sum by (model_name) (rate(vllm:prompt_tokens_total[5m])) / sum by (model_name) (rate(vllm:e2e_request_latency_seconds_count[5m]))',
      },
    ],
    causes: [
      'Contexts are longer than planned.',
      'The batch is too large for its KV cache.',
      'The load exceeds the capacity of the engines.',
    ],
    act: [
      'Add memory: `kvCacheBytes`, or vLLM’s `--gpu-memory-utilization`.',
      'Use an 8-bit KV cache (`kvCacheType`).',
      'Lower `contextLength` or `maxBatchSize`, or add engines.',
    ],
    wrong:
      'An embedded engine keeps prefixes as long as there is room: they count as used only while a request needs them. Full without a queue is good utilization.',
  },
  {
    alert: 'HadalPreemptions',
    means:
      'For 10m more than one in ten requests has been preempted for lack of KV cache (or for higher-priority requests), and is recomputed from the start.',
    clients: 'Pauses within a stream, and lower total throughput.',
    look: [
      { says: 'How often?', promql: 'sum by (model_name) (rate(vllm:num_preemptions_total[5m]))' },
      { says: 'How full is the KV cache?', promql: 'avg by (model_name) (vllm:kv_cache_usage_perc)' },
    ],
    causes: [
      'Too little KV cache: see HadalKvCacheFull.',
      'Many high-priority requests alongside long low-priority ones.',
    ],
    act: ['As for HadalKvCacheFull.', 'Limit concurrent sequences: `maxBatchSize`, vLLM’s `--max-num-seqs`.'],
    wrong: 'With priorities, occasional preemption is intended: the threshold is one in ten.',
  },
  {
    alert: 'HadalUpstreamDown',
    means:
      'No gateway has had a healthy replica of a model for 2m (if models may be scaled to zero: for as long as a start may take, at least 10m, and only while there are requests for it).',
    clients: '503 `upstream_unavailable` with `Retry-After`, unless a fallback serves the request.',
    look: [
      pods,
      { says: 'Which replicas are up?', promql: 'sum by (model_name, replica) (hadal_upstream_replica_up)' },
      {
        says: 'Which replicas does a gateway discover?',
        shell: 'kubectl -n hadal get endpointslices -l app.kubernetes.io/component=engine',
      },
      describe,
    ],
    causes: [
      'All engines are starting, waiting for a node, or crashing repeatedly.',
      'A rollout with `Recreate`, or one without a spare GPU.',
      'The gateway is not allowed to list EndpointSlices (its Role is missing), so it finds none.',
      'A remote provider is down, or rejects the key (401 counts as `upstream_failed`).',
    ],
    act: [
      'If pods are pending: free GPUs, or scale another workload down.',
      'After a change: `hadal deploy undo`.',
      'Give the model a fallback (`models[].fallbacks`) so that clients are served meanwhile.',
    ],
    wrong:
      'A model that runs only on demand has no replica without requests: set `scaling.scaleToZero`, and the alert fires only while requests are held or rejected.',
  },
  {
    alert: 'HadalUpstreamReplicaDown',
    means: 'One replica has failed the health checks of all gateways for 5m.',
    clients: 'None, but with less capacity: see HadalBacklogHigh.',
    look: [
      { says: 'Which one?', promql: 'hadal_upstream_replica_up == 0' },
      {
        says: 'Does it respond?',
        shell:
          'kubectl -n hadal exec deploy/hadal-gateway -- node -e "fetch(process.argv[1]).then(r => console.log(r.status))" REPLICA/health',
      },
      describe,
    ],
    causes: [
      'The engine hangs: its health check responds only after a step.',
      'Its node is gone.',
      'A NetworkPolicy no longer allows the gateway.',
    ],
    act: [
      'Delete the pod.',
      'If it hangs again, save its log and the output of `nvidia-smi` before deleting it.',
    ],
    wrong: 'An unused address in `replicas` stays down permanently: remove it.',
  },
  {
    alert: 'HadalUpstreamBreakerOpen',
    means:
      'For 5m the circuit breaker of every gateway for a replica has been open or half open: every trial request failed.',
    clients: 'None, while others take over its load.',
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
      'The replica passes its health checks but fails all requests: out of GPU memory, or a wrong model name.',
      'It responds too late: `firstByteTimeoutMillis`.',
    ],
    act: [
      'Read one of the errors: its status and message are forwarded.',
      'Delete the pod if it is the only one.',
      'If too late: see HadalTtftHigh.',
    ],
    wrong:
      'With very few requests the breaker is rarely tried, and stays open for lack of a successful trial.',
  },
  {
    alert: 'HadalPodsPending',
    means:
      'A pod of this service has been pending for longer than the download of its image and model takes.',
    clients: 'None, while others take over its load.',
    look: [
      { says: 'Why is it pending?', shell: 'kubectl -n hadal describe pod NAME | tail -20' },
      { says: 'Would it fit?', shell: 'hadal deploy plan' },
      {
        says: 'Which pods hold GPUs?',
        shell:
          'kubectl get pods -A -o json | jq -r \'.items[] | select([.spec.containers[].resources.limits."nvidia.com/gpu"] | any) | .metadata.namespace + "/" + .metadata.name\'',
      },
    ],
    causes: [
      '`Insufficient nvidia.com/gpu`: none is free, for example in a rollout that creates the new pod first.',
      'A taint that is not tolerated, or a node label that no node has.',
      'A volume that cannot be bound or is in another zone.',
      'The download of the model is slow or denied (see the log of its init container).',
    ],
    act: [
      '`hadal deploy plan` reports a deadlock in advance, and `hadal deploy apply` chooses a strategy that avoids it.',
      'Scale another workload down, or add a node.',
      'If the model is gated: the Secret needs `hf-token`.',
    ],
    wrong: 'A cluster autoscaler may need 15m to add a GPU node.',
  },
  {
    alert: 'HadalPodRestarts',
    means: 'A container was restarted three times or more within 30m.',
    clients: 'Its running requests fail; gateways retry those without a byte sent.',
    look: [
      {
        says: 'How did it exit last?',
        shell:
          "kubectl -n hadal get pod NAME -o jsonpath='{.status.containerStatuses[*].lastState.terminated}'",
      },
      describe,
    ],
    causes: [
      '`OOMKilled`: it used more memory than `deploy.memoryLimit`.',
      'The startup probe failed before the model was loaded.',
      'The liveness probe fails: the process hangs.',
      'The config is rejected.',
    ],
    act: [
      'OOMKilled: raise `deploy.memoryLimit`, or use a smaller context.',
      'Startup probe: set `deploy.coldStartMillis` from `hadal bench coldstart`.',
      'Config: `hadal deploy undo`.',
    ],
    wrong: 'A node reboot restarts all its containers, each once.',
  },
  {
    alert: 'HadalRolloutStuck',
    means:
      'Kubernetes has given up waiting for a rollout (ProgressDeadlineExceeded). The rollout continues automatically once the cause is fixed.',
    clients: 'The remaining old pods serve requests.',
    look: [
      { says: 'Where is it stuck?', shell: 'hadal deploy status' },
      {
        says: 'What are new pods waiting for?',
        shell: 'kubectl -n hadal get pods --field-selector=status.phase=Pending\nhadal deploy plan',
      },
    ],
    causes: [
      'New pods wait for GPUs of the old ones: a surge without spare GPUs.',
      'New pods crash repeatedly (HadalPodRestarts).',
      'A quota of the namespace is exceeded.',
    ],
    act: [
      '`hadal deploy undo` restores the last good revision.',
      'Then run `hadal deploy apply`, which counts free GPUs and chooses a strategy that can complete.',
    ],
    wrong: 'After the fix the condition stays until the next pod is ready: compare `observedGeneration`.',
  },
  {
    alert: 'HadalScaledToMaximum',
    means: 'For 15m an autoscaler has requested as many engines as `scaling.maxReplicas` allows.',
    clients: 'None yet; if the load grows, requests queue.',
    look: [
      { says: 'Which metric drives it?', shell: 'kubectl -n hadal describe hpa\nhadal scale status' },
      {
        says: 'Would more engines help?',
        promql: 'model:requests_waiting:sum\nmodel:gpu_utilization_percent:avg5m',
      },
    ],
    causes: [
      'The load is higher than planned.',
      'Its target is lower than engines need.',
      'Engines are slower than before.',
    ],
    act: [
      'Raise `scaling.maxReplicas` if there are GPUs: `hadal deploy plan` counts them.',
      'Otherwise limit clients, or buy GPUs.',
    ],
    wrong: 'If the maximum equals the minimum it always fires: remove the autoscaler.',
  },
  {
    alert: 'HadalScalerFailing',
    means:
      'For 10m the autoscaler has had no metric value (ScalingActive is false), while engines exist. For `hadal scale`: a metric is missing, or there is no leader.',
    clients: 'None, until the load grows.',
    look: [
      {
        says: 'What does it report?',
        shell:
          'kubectl -n hadal describe hpa | grep -A10 Conditions\nkubectl -n hadal describe scaledobject\nhadal scale status',
      },
      { says: 'Does its query return a single value?', promql: 'sum(vllm:num_requests_waiting)' },
    ],
    causes: [
      'Prometheus does not respond at the address that KEDA uses.',
      'The query returns no value, or more than one: a metric was renamed, or is no longer exported.',
      'The metrics adapter is not installed.',
      'For `hadal scale`: an exporter is silent for some engines, or its Role lacks permissions.',
    ],
    act: [
      'Run the query of the ScaledObject in Prometheus; it must return exactly one value.',
      'For `hadal scale`, the status shows which metric is missing, or what prevents it from acting. A number that is set manually (`kubectl -n hadal scale deployment NAME --replicas=N`) stays while metrics are missing.',
      'For KEDA, set the number manually meanwhile: `kubectl -n hadal annotate scaledobject NAME autoscaling.keda.sh/paused-replicas=N`.',
    ],
    wrong: 'In the first minutes after its creation it has no value yet.',
  },
]
