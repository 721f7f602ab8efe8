/** Runbooks besides models: keys, the guard, config, GPUs, training. */

import { atGateway, itsConfig, type Runbook } from './runbook.ts'

const gpuLook = {
  says: 'What does the driver report on that node?',
  shell: "nvidia-smi -q -i INDEX | head -80\ndmesg | grep -i 'NVRM: Xid'",
}

export const around: readonly Runbook[] = [
  {
    alert: 'HadalAccountsDatabaseDown',
    means: 'For 5m a gateway has had no response from the database of keys and usage.',
    clients:
      'Keys that were used within the last 10 minutes keep working; others get 503 `accounts_unavailable`. Usage limits are no longer shared across gateways.',
    look: [
      { says: 'All gateways, or only one?', promql: 'hadal_accounts_database_up' },
      {
        says: 'Is the database reachable?',
        shell:
          'kubectl -n hadal logs -l app.kubernetes.io/component=gateway --since 10m | grep -i database | tail -5',
      },
      {
        says: 'Which requests are rejected?',
        promql: 'sum(rate(hadal_errors_total{code="accounts_unavailable"}[5m]))',
      },
    ],
    causes: [
      'The database is down or failing over.',
      'Its password was changed, but the Secret was not.',
      'The connection limit of the database is reached.',
      'A NetworkPolicy blocks the connection.',
    ],
    act: [
      'Restore the database; gateways reconnect automatically and write the journaled usage.',
      'If the password changed: update the Secret, then `kubectl -n hadal rollout restart deployment/hadal-gateway`.',
    ],
    wrong: 'A failover shorter than 5m does not fire it.',
  },
  {
    alert: 'HadalUsageJournalBacklog',
    means:
      'For 15m the usage of more than 10000 requests has been in the journal of a gateway but not in the database.',
    clients: 'None; usage budgets of keys lag behind.',
    look: [
      { says: 'Is it growing?', promql: 'deriv(hadal_usage_journal_backlog[15m])' },
      { says: 'Is the database up?', promql: 'hadal_accounts_database_up' },
      {
        says: 'Is the disk full?',
        shell: 'kubectl -n hadal exec deploy/hadal-gateway -- df -h /var/lib/hadal',
      },
    ],
    causes: [
      'The database is unavailable: see HadalAccountsDatabaseDown.',
      'The database is slower than the request rate.',
      'The database rejects writes: a full disk, or a read-only role.',
    ],
    act: [
      'Fix the database first.',
      'Do not delete the pod while it has a backlog on an emptyDir: the usage would be lost. `hadal keys` and `hadal usage` are up to date again once it is written.',
    ],
    wrong: 'After a long outage the backlog is written within minutes: check whether it is shrinking.',
  },
  {
    alert: 'HadalGuardFailures',
    means: 'A guard check threw or timed out in the last 10m.',
    clients:
      'Depends on the policy: requests are rejected (`failClosed`, the default), or pass without that check.',
    look: [
      {
        says: 'Which check, and how often?',
        promql: 'sum by (check) (increase(hadal_guard_failures_total[10m]))',
      },
      {
        says: 'How long do checks take?',
        promql: 'histogram_quantile(0.99, sum by (le, layer) (rate(hadal_guard_seconds_bucket[5m])))',
      },
      {
        says: 'Which error?',
        shell:
          'kubectl -n hadal logs -l app.kubernetes.io/component=gateway --since 15m | grep -i guard | tail -5',
      },
    ],
    causes: [
      'A custom check (`checkModules`) throws.',
      'Too little CPU: gateways have more requests than they can check.',
      'A text on which a rule is very slow.',
    ],
    act: [
      'Run `hadal guard check` with the text from the log to reproduce it.',
      'Remove a broken check from the policy; the file is reloaded automatically.',
      'If CPU is short: add gateways (`deploy.gatewayReplicas`).',
    ],
    wrong:
      'A single timeout on a busy node fires it once, for 10m. After a restart of Prometheus, earlier failures may be reported once more.',
  },
  {
    alert: 'HadalGuardLockedKeys',
    means:
      'For 5m at least five clients have been locked out because too many of their requests were blocked.',
    clients: '429 `guard_locked_out`, until the lockout ends.',
    look: [
      {
        says: 'Who?',
        shell: 'curl -s -H "Authorization: Bearer $ADMIN_KEY" https://HOST/hadal/guard/locked',
      },
      {
        says: 'Why? (if `audit.file` of the guard is set; for this pod only)',
        shell: `${atGateway} -- hadal guard audit ${itsConfig}`,
      },
      {
        says: 'How many texts are blocked?',
        promql: 'sum by (action, role) (rate(hadal_guard_verdicts_total[15m]))',
      },
    ],
    causes: [
      'An attack with several keys or addresses.',
      'A policy that became stricter than client traffic allows.',
      'All clients connect through one proxy whose address is used as theirs (`trustProxy`).',
    ],
    act: [
      'Attack: revoke the keys (`hadal keys revoke`).',
      'Policy: run `hadal guard eval` with your own texts, then raise the threshold. `POST /hadal/guard/unlock` ends a lockout.',
    ],
    wrong: 'A test of the guard with several keys causes the same.',
  },
  {
    alert: 'HadalConfigReloadRefused',
    means: 'For 5m a server has kept an old config because the current file is invalid.',
    clients: 'None. The next start of that pod would fail.',
    look: [
      {
        says: 'What is invalid?',
        shell: 'kubectl -n hadal logs NAME --since 1h | grep -A5 config_invalid',
      },
      { says: 'Check the file locally:', shell: 'hadal config check' },
    ],
    causes: ['An error in the file.', 'A setting of a newer version.', 'A referenced file is missing.'],
    act: [
      'Correct the file; it is reloaded automatically.',
      'If it came with a rollout: `hadal deploy undo`.',
    ],
    wrong:
      'An editor that writes the file in two steps may cause one rejection, which the second write clears.',
  },
  {
    alert: 'HadalConnectionsDropped',
    means: 'For 5m a gateway has rejected connections because `maxConnections` are open.',
    clients: 'Connections are reset before a request. No status is counted for them.',
    look: [
      { says: 'How many, and where?', promql: 'rate(hadal_connections_dropped_total[5m])' },
      { says: 'Which clients hold them?', shell: 'kubectl -n hadal exec NAME -- cat /proc/net/tcp | wc -l' },
    ],
    causes: [
      'Clients that open a connection per request and leave it open.',
      'Many slow streams.',
      'A connection flood.',
    ],
    act: [
      'Add gateways (`deploy.gatewayReplicas`), or raise `maxConnections` if memory allows.',
      'Set a per-address limit at the Ingress.',
    ],
    wrong:
      'Health checks of a load balancer that opens many connections are rejected like other connections.',
  },
  {
    alert: 'HadalGpuBusy',
    means: 'The mean GPU utilization of a model has been above `scaling.gpuHighPercent` for 10m.',
    clients: 'None yet.',
    look: [
      {
        says: 'Utilization of each GPU',
        promql: 'model:gpu_utilization_percent:avg5m\nDCGM_FI_DEV_GPU_UTIL',
      },
      { says: 'Are requests queued?', promql: 'model:requests_waiting:sum' },
    ],
    causes: ['The load has grown.', 'Another process uses the same GPU.'],
    act: [
      'If requests are queued, add engines; otherwise the GPUs are well used, and `scaling.gpuHighPercent` may be raised.',
    ],
    wrong:
      '`GPU_UTIL` is the share of time in which any kernel ran: a single small request at a time can reach 100%. `DCGM_FI_PROF_PIPE_TENSOR_ACTIVE` measures the actual compute load. A single HPA target cannot express "up above 70, down below 30": with two replicas it scales down at half of 70.',
  },
  {
    alert: 'HadalGpuIdle',
    means:
      'No GPU of a model was busier than `scaling.gpuLowPercent` at any scrape for `scaling.gpuLowForMillis`, and its metrics had no gap: a silent exporter does not count as idle.',
    clients: 'Nothing.',
    look: [
      {
        says: 'How many engines are running, and for what load?',
        promql: 'count by (model_name) (hadal_engine_ready)\nmodel:requests:rate5m',
      },
      { says: 'Can the number be reduced?', shell: 'kubectl -n hadal get hpa,scaledobject' },
    ],
    causes: [
      'The load is lower than usual.',
      'Requests do not arrive: see HadalUpstreamDown.',
      'Nothing scales down, or the minimum is too high.',
    ],
    act: [
      'Reduce the engines (`deploy.replicas`, `scaling.minReplicas`), or use an autoscaler.',
      'If only at night: use a schedule (KEDA’s cron), or `scaling.scaleToZero`.',
    ],
    wrong:
      'A single engine for a latency-critical service is idle most of the time by design: silence the alert, or set `scaling.gpuLowPercent` to 0, which never fires. After pods are removed it waits until their samples leave its window. An exporter that Prometheus scrapes less often than `monitor.scrapeIntervalMillis` has gaps, so the alert never fires.',
  },
  {
    alert: 'HadalGpuXid',
    means:
      'The driver has reported an Xid error on a GPU within 30m. It pages if the GPU needs a reset, a reboot or a repair (48, 62, 64, 74, 79, 95, 109, 110, 119, 120); it is a ticket if the GPU keeps working (13, 31, 43, 45, 63, 69, 92, 94 and others). The metric is the last error, not a count: it does not reset, so only a change fires the alert.',
    clients: 'The engine on the GPU fails; other engines take over its load.',
    look: [gpuLook, { says: 'Which GPU, and which pod?', promql: 'DCGM_FI_DEV_XID_ERRORS > 0' }],
    causes: [
      '13, 31, 43, 94: an error of a program, or of one of its kernels.',
      '48, 63, 64, 92, 95: memory errors.',
      '74: NVLink.',
      '79: the GPU has fallen off the bus: power, heat, or a badly seated card.',
      '109, 110, 119, 120, 62: the GPU or its firmware hangs.',
    ],
    act: [
      '13, 31, 69, 94: delete the pod; its controller creates a new one.',
      '45: follow the other Xid reported with it.',
      '63: a row was remapped, note it; 92: note it, and contact NVIDIA if it is frequent; 48, 64, 95: drain the node, reset the GPU (`nvidia-smi --gpu-reset -i INDEX`).',
      '79: reboot; if it recurs, replace the GPU.',
      '119, 120: reset, then update the driver.',
    ],
    wrong:
      'The same error twice in a row is not a change and does not fire again. After a restart of the exporter, an old error may be reported once more.',
  },
  {
    alert: 'HadalGpuRowRemapFailure',
    means: 'A GPU has faulty memory and no spare rows left for remapping.',
    clients: 'None yet; the next error crashes an engine.',
    look: [
      gpuLook,
      { says: 'How many rows were remapped?', promql: 'DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS' },
    ],
    causes: ['The card is wearing out.'],
    act: [
      'Run `kubectl drain` on the node when convenient, and have the card replaced: NVIDIA accepts this as a reason for replacement.',
    ],
    wrong: 'It fires until the card is replaced: silence it for that time.',
  },
  {
    alert: 'HadalGpuHot',
    means: 'A GPU has been hotter than 85 °C for 10m.',
    clients: 'Higher latency, as the GPU lowers its clocks.',
    look: [
      { says: 'One GPU, or all GPUs of a node?', promql: 'DCGM_FI_DEV_GPU_TEMP > 80 < 1000' },
      { says: 'Is it already throttling?', promql: 'DCGM_FI_DEV_SM_CLOCK' },
    ],
    causes: [
      'Fans or airflow of the node.',
      'A passively cooled card in an unsuitable case.',
      'The room temperature.',
    ],
    act: ['Lower its power limit: `nvidia-smi -pl WATTS`.', 'Drain the node, and have it inspected.'],
    wrong: 'Some cards tolerate more: `nvidia-smi -q -d TEMPERATURE` shows their slowdown temperature.',
  },
  {
    alert: 'HadalGpuMemoryFull',
    means: 'More than 97% of the memory of a GPU has been used for 10m.',
    clients: 'None, until an allocation fails and the engine crashes.',
    look: [
      {
        says: 'Which processes hold it?',
        shell: 'nvidia-smi --query-compute-apps=pid,name,used_memory --format=csv',
      },
      { says: 'Since when?', promql: 'DCGM_FI_DEV_FB_USED' },
    ],
    causes: [
      'vLLM’s `--gpu-memory-utilization` is above 0.95, or `kvCacheBytes` is too large.',
      'Two engines share the GPU.',
      'A crashed process still holds memory.',
    ],
    act: [
      'Leave a few percent free: CUDA graphs and fragmentation need them.',
      'Stop processes that do not belong there.',
    ],
    wrong:
      'An engine that allocates all memory at its start and no more later does not fail; raise its reserve anyway, since an upgrade may need some.',
  },
  {
    alert: 'HadalGpuMetricsAbsent',
    means: 'Engines run, and for 10m Prometheus has had no utilization of any GPU of their pods.',
    clients: 'None. No other alert for these GPUs can fire, and autoscalers that use them do not scale.',
    look: [
      {
        says: 'Are there any metrics?',
        promql:
          'count by (exported_namespace, exported_pod) (DCGM_FI_DEV_GPU_UTIL)\ncount by (namespace, pod) (DCGM_FI_DEV_GPU_UTIL)',
      },
      {
        says: 'Does the exporter run on that node?',
        shell: 'kubectl get pods -A -l app=nvidia-dcgm-exporter -o wide',
      },
    ],
    causes: [
      'The exporter is not installed, or hangs on that node.',
      'Its pod label has another name: set `monitor.gpuPodLabel` to `exported_pod`, or to `pod` with `honorLabels`.',
      'The exporter does not map GPUs to pods (`DCGM_EXPORTER_KUBERNETES`).',
      'MIG is on, and neither of the two metrics is among the counters of the exporter.',
    ],
    act: [
      'Set `monitor.gpuPodLabel` to the label that the metrics have.',
      'Delete the exporter pod on that node.',
    ],
    wrong: 'An engine that has just started, on a node where the exporter maps pods only once a minute.',
  },
  {
    alert: 'HadalTrainingLossNotANumber',
    means: 'The loss of a run is NaN or infinite.',
    clients: 'Nothing.',
    look: [
      {
        says: 'What happened before?',
        promql: 'hadal_train_gradient_norm\nhadal_train_learning_rate\nhadal_train_loss_scale',
      },
      { says: 'From which step can it resume?', promql: 'hadal_train_checkpoint_step' },
    ],
    causes: ['The learning rate is too high.', 'A batch with corrupt data.', 'fp16 overflows.'],
    act: [
      'Stop the run; it resumes from its last checkpoint.',
      'Halve the learning rate, use a longer warm-up, or clip gradients.',
      'Use bf16 instead of fp16.',
    ],
    wrong: 'With the divergence guard enabled, the run rolls back automatically, and the alert resolves.',
  },
  {
    alert: 'HadalTrainingStalled',
    means: 'A run reports that it is running, but has not finished a step for 30m.',
    clients: 'None; GPUs are held without progress.',
    look: [
      {
        says: 'Are all ranks running?',
        shell: 'kubectl get pods -l app.kubernetes.io/component=training\nkubectl logs NAME --tail 50',
      },
      {
        says: 'How long do steps take?',
        promql: 'hadal_train_step_seconds_sum / hadal_train_step_seconds_count',
      },
    ],
    causes: [
      'A rank is gone or hangs, and the others wait for it.',
      'Data loading is stuck.',
      'A step that takes longer than 15m.',
    ],
    act: ['Stop the run: it is restarted and resumes from its last checkpoint.'],
    wrong: 'Steps or evaluations longer than 15m also fire it.',
  },
  {
    alert: 'HadalTrainingGradientNorm',
    means: 'The gradient norm has been above 100 for 5m: the run is about to diverge.',
    clients: 'Nothing.',
    look: [
      { says: 'Since which step?', promql: 'hadal_train_gradient_norm' },
      { says: 'Is the loss rising?', promql: 'hadal_train_loss' },
    ],
    causes: ['The learning rate is too high.', 'An outlier layer or batch: the run report names it.'],
    act: [
      'Lower the learning rate and resume from the last good step; the divergence guard does both.',
      'Inspect the batch that the report names.',
    ],
    wrong:
      'A loss that is summed instead of averaged has large gradients by design, as have the first steps of some models.',
  },
  {
    alert: 'HadalTrainingCheckpointOld',
    means: 'A run has been running for more than 6h since its start or its last checkpoint.',
    clients: 'None; if the run ends now, that work is lost.',
    look: [
      { says: 'When was the last checkpoint?', promql: 'time() - hadal_train_checkpoint_timestamp_seconds' },
      { says: 'Is there disk space?', shell: 'kubectl exec NAME -- df -h' },
    ],
    causes: ['The recipe saves too rarely.', 'The volume is full or read-only.'],
    act: ['Free disk space.', 'Save more often in the recipe.'],
    wrong: 'A run that saves only at its end by design.',
  },
  {
    alert: 'HadalTrainingPrivacyNearlySpent',
    means: 'A private run has spent more than 90% of its epsilon budget.',
    clients: 'Nothing.',
    look: [
      { says: 'How fast is it spent?', promql: 'hadal_train_epsilon_spent / hadal_train_epsilon_budget' },
      { says: 'How far is the run?', promql: 'hadal_train_step / hadal_train_total_steps' },
    ],
    causes: ['The run is almost complete.', 'The noise is too low for the number of steps.'],
    act: [
      'If the run is far from complete: stop it, and plan it again with more noise or fewer steps. The epsilon already spent on this data remains spent.',
    ],
    wrong: 'Near the end of a run that was planned for exactly its budget, the alert is expected.',
  },
]
