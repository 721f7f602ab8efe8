/** Runbooks besides models: keys, the guard, config, GPUs, training. */

import { atGateway, itsConfig, type Runbook } from './runbook.ts'

const gpuLook = {
  says: 'What does the driver say, on that node?',
  shell: "nvidia-smi -q -i INDEX | head -80\ndmesg | grep -i 'NVRM: Xid'",
}

export const around: readonly Runbook[] = [
  {
    alert: 'HadalAccountsDatabaseDown',
    means: 'For 5m a gateway has had no answer from the database of keys and usage.',
    clients:
      'Keys that were seen within 10 minutes go on working; others get 503 `accounts_unavailable`. Limits by usage are no longer counted across gateways.',
    look: [
      { says: 'All gateways, or one?', promql: 'hadal_accounts_database_up' },
      {
        says: 'Does it answer at all?',
        shell:
          'kubectl -n hadal logs -l app.kubernetes.io/component=gateway --since 10m | grep -i database | tail -5',
      },
      { says: 'Who is refused?', promql: 'sum(rate(hadal_errors_total{code="accounts_unavailable"}[5m]))' },
    ],
    causes: [
      'The database is down or fails over.',
      'Its password was changed and the Secret was not.',
      'No connections are left.',
      'A NetworkPolicy.',
    ],
    act: [
      'Bring it back; gateways connect by themselves and write what the journal kept.',
      'New password: change the Secret, then `kubectl -n hadal rollout restart deployment/hadal-gateway`.',
    ],
    wrong: 'A failover that takes less than 5m does not fire it.',
  },
  {
    alert: 'HadalUsageJournalBacklog',
    means:
      'For 15m the usage of more than 10000 requests has been in a gateway’s journal and not in the database.',
    clients: 'Nothing; budgets of keys lag behind.',
    look: [
      { says: 'Does it grow?', promql: 'deriv(hadal_usage_journal_backlog[15m])' },
      { says: 'Is the database up?', promql: 'hadal_accounts_database_up' },
      {
        says: 'Is there room on the disk?',
        shell: 'kubectl -n hadal exec deploy/hadal-gateway -- df -h /var/lib/hadal',
      },
    ],
    causes: [
      'The database is away: see HadalAccountsDatabaseDown.',
      'It is slower than requests come.',
      'It refuses what is written: a disk that is full, or a role that may only read.',
    ],
    act: [
      'Database first.',
      'Do not delete the pod while it has a backlog on an emptyDir: it would be lost. `hadal keys` and `hadal usage` work again when it is written.',
    ],
    wrong: 'After a long outage it is written within minutes: look whether it falls.',
  },
  {
    alert: 'HadalGuardFailures',
    means: 'A check of the guard threw, or took longer than it may, in the last 10m.',
    clients: 'As the policy says: refused (`failClosed`, as usual), or let through without that check.',
    look: [
      {
        says: 'Which check, how often?',
        promql: 'sum by (check) (increase(hadal_guard_failures_total[10m]))',
      },
      {
        says: 'What does it take?',
        promql: 'histogram_quantile(0.99, sum by (le, layer) (rate(hadal_guard_seconds_bucket[5m])))',
      },
      {
        says: 'With what error?',
        shell:
          'kubectl -n hadal logs -l app.kubernetes.io/component=gateway --since 15m | grep -i guard | tail -5',
      },
    ],
    causes: [
      'A check of one’s own (`checkModules`) that throws.',
      'Too little CPU: gateways have too many requests for it.',
      'A text for which a rule takes very long.',
    ],
    act: [
      '`hadal guard check` with the text of the log shows it here.',
      'Take a broken check out of the policy; the file is read again by itself.',
      'Too little CPU: more gateways (`deploy.gatewayReplicas`).',
    ],
    wrong:
      'A single timeout while a node is busy fires it once, for 10m. After Prometheus was started anew, failures from before are told once more.',
  },
  {
    alert: 'HadalGuardLockedKeys',
    means:
      'For 5m at least five callers have been locked out, since too many of their requests were refused.',
    clients: '429 `guard_locked_out`, until the lockout ends.',
    look: [
      {
        says: 'Who?',
        shell: 'curl -s -H "Authorization: Bearer $ADMIN_KEY" https://HOST/hadal/guard/locked',
      },
      {
        says: 'For what? (where `audit.file` of the guard is set, and for this pod alone)',
        shell: `${atGateway} -- hadal guard audit ${itsConfig}`,
      },
      {
        says: 'How many texts are refused?',
        promql: 'sum by (action, role) (rate(hadal_guard_verdicts_total[15m]))',
      },
    ],
    causes: [
      'An attack with several keys or addresses.',
      'A policy that became stricter than clients’ texts are.',
      'All clients come from one proxy whose address is taken for theirs (`trustProxy`).',
    ],
    act: [
      'Attack: revoke the keys (`hadal keys revoke`).',
      'Policy: `hadal guard eval` with texts of your own, then a higher threshold. `POST /hadal/guard/unlock` ends a lockout.',
    ],
    wrong: 'A test of the guard with several keys does exactly this.',
  },
  {
    alert: 'HadalConfigReloadRefused',
    means: 'For 5m a server has gone on with an old config, since the file is now one that it refuses.',
    clients: 'Nothing. The next start of that pod would fail.',
    look: [
      {
        says: 'What is wrong with it?',
        shell: 'kubectl -n hadal logs NAME --since 1h | grep -A5 config_invalid',
      },
      { says: 'Here, before it is there:', shell: 'hadal config check' },
    ],
    causes: ['A mistake in the file.', 'A setting of a newer version.', 'A file that it names is missing.'],
    act: ['Correct it; it is read again by itself.', 'If it came with a rollout: `hadal deploy undo`.'],
    wrong: 'An editor that writes the file in two steps may cause one refusal; it is over with the second.',
  },
  {
    alert: 'HadalConnectionsDropped',
    means: 'For 5m a gateway has refused connections, since it has as many open as `maxConnections` allows.',
    clients: 'Connections that are reset before a request. No status is counted for them.',
    look: [
      { says: 'How many, where?', promql: 'rate(hadal_connections_dropped_total[5m])' },
      { says: 'Who holds them?', shell: 'kubectl -n hadal exec NAME -- cat /proc/net/tcp | wc -l' },
    ],
    causes: [
      'Clients that open a connection for each request and leave it open.',
      'Many slow streams.',
      'A flood.',
    ],
    act: [
      'More gateways (`deploy.gatewayReplicas`), or a larger `maxConnections` where memory allows.',
      'A limit per address at the Ingress.',
    ],
    wrong: 'A health check of a load balancer that opens many connections is refused as others are.',
  },
  {
    alert: 'HadalGpuBusy',
    means: 'GPUs of a model have been busier than `scaling.gpuHighPercent` for 10m, on average.',
    clients: 'Nothing yet.',
    look: [
      { says: 'Each of them', promql: 'model:gpu_utilization_percent:avg5m\nDCGM_FI_DEV_GPU_UTIL' },
      { says: 'Do requests wait?', promql: 'model:requests_waiting:sum' },
    ],
    causes: ['More is asked.', 'Something else computes on the same GPU.'],
    act: [
      'If requests wait too, more engines; else it is well used, and `scaling.gpuHighPercent` may be higher.',
    ],
    wrong:
      '`GPU_UTIL` is the share of time in which any kernel ran: one small request at a time can make 100%. `DCGM_FI_PROF_PIPE_TENSOR_ACTIVE` tells how much is computed. One HPA target cannot say "up above 70, down below 30": with two replicas it goes down at half of 70.',
  },
  {
    alert: 'HadalGpuIdle',
    means:
      'No GPU of a model was busier than `scaling.gpuLowPercent` at any scrape for `scaling.gpuLowForMillis`, and its metrics had no gap: an exporter that went silent is not idle.',
    clients: 'Nothing.',
    look: [
      {
        says: 'How many engines are there, and for how much?',
        promql: 'count by (model_name) (hadal_engine_ready)\nmodel:requests:rate5m',
      },
      { says: 'May there be fewer?', shell: 'kubectl -n hadal get hpa,scaledobject' },
    ],
    causes: [
      'There is less to do than at other times.',
      'Requests do not arrive: see HadalUpstreamDown.',
      'Nothing scales, or the minimum is too high.',
    ],
    act: [
      'Fewer engines (`deploy.replicas`, `scaling.minReplicas`), or an autoscaler.',
      'At night only: a schedule (KEDA’s cron), or `scaling.scaleToZero`.',
    ],
    wrong:
      'One engine for a service that must answer at once is idle most of the time, and rightly: silence it, or set `scaling.gpuLowPercent` to 0, which never fires. Right after pods were removed it waits until their samples are out of its window. An exporter that Prometheus reads less often than `monitor.scrapeIntervalMillis` has gaps, so that it never fires.',
  },
  {
    alert: 'HadalGpuXid',
    means:
      'The driver has reported an Xid error on a GPU within 30m. A page is one after which the GPU needs a reset, a reboot or a repair (48, 62, 64, 74, 79, 95, 109, 110, 119, 120); a ticket is one after which it goes on (13, 31, 43, 45, 63, 69, 92, 94 and others). The metric is the last error, not a count: it stays, so only a change is told.',
    clients: 'The engine on it fails; others do its work.',
    look: [gpuLook, { says: 'Which GPU, and whose?', promql: 'DCGM_FI_DEV_XID_ERRORS > 0' }],
    causes: [
      '13, 31, 43, 94: a fault of a program, or of one of its kernels.',
      '48, 63, 64, 92, 95: memory errors.',
      '74: NVLink.',
      '79: the GPU has fallen off the bus: power, heat, or a card that sits badly.',
      '109, 110, 119, 120, 62: the GPU or its firmware hangs.',
    ],
    act: [
      '13, 31, 69, 94: delete the pod; its engine starts anew.',
      '45: follow the other Xid that came with it.',
      '63: a row was replaced, note it; 92: note it, and ask NVIDIA if it comes often; 48, 64, 95: drain the node, reset the GPU (`nvidia-smi --gpu-reset -i INDEX`).',
      '79: reboot; if it comes again, exchange it.',
      '119, 120: reset, then update the driver.',
    ],
    wrong:
      'The same error twice in a row is no change, and is not told again. After the exporter was started anew, an old error may be told once more.',
  },
  {
    alert: 'HadalGpuRowRemapFailure',
    means: 'A GPU has faulty memory and no spare rows left to replace it with.',
    clients: 'Nothing yet; the next error ends an engine.',
    look: [
      gpuLook,
      { says: 'How many rows were remapped?', promql: 'DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS' },
    ],
    causes: ['The card wears out.'],
    act: [
      '`kubectl drain` the node when it suits, and have the card exchanged: NVIDIA takes this as a reason.',
    ],
    wrong: 'It stays until the card is exchanged: silence it for as long as that takes.',
  },
  {
    alert: 'HadalGpuHot',
    means: 'A GPU has been hotter than 85 °C for 10m.',
    clients: 'Slower answers, as it lowers its clocks.',
    look: [
      { says: 'One, or all of a node?', promql: 'DCGM_FI_DEV_GPU_TEMP > 80 < 1000' },
      { says: 'Does it slow down already?', promql: 'DCGM_FI_DEV_SM_CLOCK' },
    ],
    causes: [
      'Fans or airflow of the node.',
      'A passive card in a case that is not made for it.',
      'The room.',
    ],
    act: ['Lower its power limit: `nvidia-smi -pl WATTS`.', 'Drain the node, and have it looked at.'],
    wrong: 'Some cards are made for more: their slowdown temperature is in `nvidia-smi -q -d TEMPERATURE`.',
  },
  {
    alert: 'HadalGpuMemoryFull',
    means: 'More than 97% of a GPU’s memory has been in use for 10m.',
    clients: 'Nothing, until an allocation fails and the engine ends.',
    look: [
      { says: 'Who holds it?', shell: 'nvidia-smi --query-compute-apps=pid,name,used_memory --format=csv' },
      { says: 'Since when?', promql: 'DCGM_FI_DEV_FB_USED' },
    ],
    causes: [
      'vLLM’s `--gpu-memory-utilization` above 0.95, or `kvCacheBytes` too large.',
      'Two engines share the GPU.',
      'A process that ended badly still holds memory.',
    ],
    act: [
      'Leave a few percent: CUDA graphs and fragments need them.',
      'End whoever is not meant to be there.',
    ],
    wrong:
      'An engine that takes all at its start and no more will not fail; then raise its reserve anyway, since an upgrade needs some.',
  },
  {
    alert: 'HadalGpuMetricsAbsent',
    means: 'Engines run, and for 10m Prometheus has had no utilisation of any GPU that their pods hold.',
    clients: 'Nothing. No other alert of these GPUs can fire, and whatever scales by them stands still.',
    look: [
      {
        says: 'Is there any?',
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
      'Its pod label has another name: `monitor.gpuPodLabel` is `exported_pod`, or `pod` with `honorLabels`.',
      'It does not know pods (`DCGM_EXPORTER_KUBERNETES`).',
      'MIG, and neither of the two metrics is among its counters.',
    ],
    act: ['Set `monitor.gpuPodLabel` to the label that is there.', 'Delete the exporter’s pod on that node.'],
    wrong: 'An engine that has just started, on a node where the exporter looks for pods once a minute.',
  },
  {
    alert: 'HadalTrainingLossNotANumber',
    means: 'The loss of a run is NaN or infinite.',
    clients: 'Nothing.',
    look: [
      {
        says: 'What came before?',
        promql: 'hadal_train_gradient_norm\nhadal_train_learning_rate\nhadal_train_loss_scale',
      },
      { says: 'From which step can it go on?', promql: 'hadal_train_checkpoint_step' },
    ],
    causes: ['A learning rate that is too high.', 'A batch with broken data.', 'fp16 that overflows.'],
    act: [
      'Stop it; it goes on from its last checkpoint.',
      'Half the learning rate, a longer warm-up, or clipping.',
      'bf16 in place of fp16.',
    ],
    wrong: 'With the divergence guard on, it goes back by itself, and the alert ends.',
  },
  {
    alert: 'HadalTrainingStalled',
    means: 'A run says that it computes and has not finished a step for 30m.',
    clients: 'Nothing; GPUs are held for nothing.',
    look: [
      {
        says: 'Are all ranks there?',
        shell: 'kubectl get pods -l app.kubernetes.io/component=training\nkubectl logs NAME --tail 50',
      },
      {
        says: 'How long do steps take?',
        promql: 'hadal_train_step_seconds_sum / hadal_train_step_seconds_count',
      },
    ],
    causes: [
      'A rank is gone or hangs, and the others wait for it.',
      'Data do not come.',
      'A step that takes longer than 15m.',
    ],
    act: ['End the run: it is started again, and goes on from its last checkpoint.'],
    wrong: 'Steps or evaluations that take longer than 15m look like this.',
  },
  {
    alert: 'HadalTrainingGradientNorm',
    means: 'The norm of the gradient has been above 100 for 5m: the run is about to diverge.',
    clients: 'Nothing.',
    look: [
      { says: 'Since which step?', promql: 'hadal_train_gradient_norm' },
      { says: 'Does the loss rise?', promql: 'hadal_train_loss' },
    ],
    causes: [
      'A learning rate that is too high.',
      'A layer or a batch that is out of line: the run’s report names it.',
    ],
    act: [
      'Lower the learning rate and go back to the last good step; the divergence guard does both.',
      'Look at the batch that it names.',
    ],
    wrong:
      'A loss that is summed rather than averaged has large gradients by design, as have the first steps of some models.',
  },
  {
    alert: 'HadalTrainingCheckpointOld',
    means: 'A run has computed for more than 6h since it began, or since its last checkpoint.',
    clients: 'Nothing; if it ends now, so much is lost.',
    look: [
      { says: 'When was the last one?', promql: 'time() - hadal_train_checkpoint_timestamp_seconds' },
      { says: 'Is there room?', shell: 'kubectl exec NAME -- df -h' },
    ],
    causes: ['The recipe saves too seldom.', 'The volume is full or read-only.'],
    act: ['Make room.', 'Save more often in the recipe.'],
    wrong: 'A run that means to save only at its end.',
  },
  {
    alert: 'HadalTrainingPrivacyNearlySpent',
    means: 'A private run has spent more than 90% of the epsilon that it may.',
    clients: 'Nothing.',
    look: [
      { says: 'How fast?', promql: 'hadal_train_epsilon_spent / hadal_train_epsilon_budget' },
      { says: 'How far is it?', promql: 'hadal_train_step / hadal_train_total_steps' },
    ],
    causes: ['It is nearly done.', 'The noise is too small for so many steps.'],
    act: [
      'If it is far from its end: stop it, plan anew with more noise or fewer steps. What was spent stays spent for these data.',
    ],
    wrong: 'Near the end of a run that was planned for exactly its budget, this is as it should be.',
  },
]
