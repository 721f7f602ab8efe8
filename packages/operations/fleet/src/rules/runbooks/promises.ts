/** SLO runbooks: failures, latency, queueing. */

import { atGateway, itsConfig, type Runbook } from './runbook.ts'

const rollout = {
  says: 'Did a rollout or a config change precede it?',
  shell: 'hadal deploy status\nkubectl -n hadal get events --sort-by=.lastTimestamp | tail -20',
}

export const promises: readonly Runbook[] = [
  {
    alert: 'HadalErrorBudgetBurn',
    means:
      'Requests fail so often that the error budget of `slo.availability` will be used up long before the end of `slo.windowDays`. The labels `long_window` and `short_window` give the burn rate: 1h/5m and 6h/30m page, 1d/2h and 3d/6h are tickets. Every response with status 500 or above counts as a failure, including a 503 with `Retry-After`: the client got no result. 429 and other 4xx do not count, nor does 499 (the client disconnected); probes and `/metrics` are excluded. At least five requests have failed in the long window.',
    clients:
      'Errors with a `code` in the body, from [errors.md](../errors.md). SDKs retry 5xx automatically, so users may notice slowness first.',
    look: [
      {
        says: 'Which errors? The code identifies the failing component.',
        promql: 'topk(5, sum by (code) (rate(hadal_errors_total[5m])))',
      },
      {
        says: 'Which routes, and since when?',
        promql: 'sum by (route, status) (rate(hadal_http_requests_total{status=~"5.."}[5m]))',
      },
      { says: 'Are replicas down?', promql: 'min by (model_name, replica) (hadal_upstream_replica_up)' },
      rollout,
      {
        says: 'What do the gateway logs show?',
        shell:
          'kubectl -n hadal logs -l app.kubernetes.io/component=gateway --since 15m --prefix | grep -E \'"level":"(warn|error)"\' | tail -20',
      },
    ],
    causes: [
      '`upstream_unavailable`, `upstream_failed`, `upstream_timeout`: engines are down, starting, or hanging. See HadalUpstreamDown.',
      '`engine_crashed`: the native library crashes. See HadalEngineRestarts.',
      '`deadline_unmet`, `upstream_late`: the load exceeds the capacity of the engines; see HadalBacklogHigh.',
      '`accounts_unavailable`: the database of keys is unavailable. See HadalAccountsDatabaseDown.',
      '`server_draining`, `engine_closed`: pods stop while clients still have connections to them, for example because `preStop` is too short for the load balancer.',
    ],
    act: [
      'If it began with a rollout: `hadal deploy undo`, then find the reason.',
      'If a replica fails every request, delete its pod: `kubectl -n hadal delete pod NAME`.',
      'If the load is too high, add engines (`scaling.maxReplicas`, `deploy.replicas`), or a fallback model (`models[].fallbacks`).',
      'Report how much of the budget is left: used budget does not return within the window, so postpone risky changes.',
    ],
    wrong:
      'A client that sets an impossible `deadline_ms` gets `deadline_unmet` (503), which counts: check its share by code. An SLO stricter than the network in front of the service burns all the time. With very few requests, five failures can be most of them. Failures that never reach a gateway (DNS, Ingress, certificates) are not counted.',
  },
  {
    alert: 'HadalLatencyBudgetBurn',
    means:
      'More requests exceed `slo.latencyMillis` than `slo.latencyShare` allows, so many that the budget will be used up before the end of `slo.windowDays`. Latency is measured at the gateway, from the request to its last token, including queue time. Requests are counted by a histogram bucket: the one whose boundary is the SLO, or the next one above; the description names it.',
    clients: 'Correct but slow responses. Streams start late, or are slow.',
    look: [
      {
        says: 'Which phase takes the time: queue, prefill, or decode?',
        promql:
          'histogram_quantile(0.99, sum by (le, model_name) (rate(vllm:request_queue_time_seconds_bucket[5m])))\nhistogram_quantile(0.99, sum by (le, model_name) (rate(vllm:request_prefill_time_seconds_bucket[5m])))\nhistogram_quantile(0.99, sum by (le, model_name) (rate(vllm:request_decode_time_seconds_bucket[5m])))',
      },
      {
        says: 'Has the load grown, or are responses longer?',
        promql:
          'sum by (model_name) (rate(vllm:generation_tokens_total[5m])) / sum by (model_name) (rate(vllm:e2e_request_latency_seconds_count[5m]))',
      },
      { says: 'Do GPUs keep their clocks?', promql: 'avg by (hostname, gpu) (DCGM_FI_DEV_SM_CLOCK)' },
      rollout,
    ],
    causes: [
      'The load exceeds the capacity of the engines: queue time dominates.',
      'Responses or prompts are longer than when the SLO was set: a response of 500 tokens at 20 ms per token takes 10 s, and no engine can return it within 500 ms.',
      'The prefix-cache hit rate dropped, for example after a change of the system prompt.',
      'The KV cache is full (HadalKvCacheFull), so requests are recomputed.',
      'A hot GPU lowers its clocks (HadalGpuHot).',
    ],
    act: [
      'Queue time: add engines, or lower `maxQueue`, so that excess requests are rejected at once.',
      'Prefill: check `hadal_upstream_prefix_hits_total`; route by `prefix`.',
      'Decode: a smaller `maxBatchSize` makes each response faster, at lower total throughput.',
      'If the SLO is unreachable by design, change `slo.latencyMillis`, or use `slo.ttftMillis` instead.',
    ],
    wrong:
      'If the SLO is not a bucket boundary, requests between it and the next boundary count as in time; HadalLatencyHigh covers them. Failed requests are not in the histogram: latency looks good during an outage. With few requests a single slow response is a large share; fewer than five slow responses in the long window fire nothing.',
  },
  {
    alert: 'HadalLatencyHigh',
    means:
      'The request latency at the quantile `slo.latencyShare` (P99 for 0.99) has been above `slo.latencyMillis` for 5m. It is interpolated between two bucket boundaries of a histogram, so it is an estimate; HadalLatencyBudgetBurn counts exactly, and pages.',
    clients: 'At least one in a hundred responses is late.',
    look: [
      {
        says: 'Now, and at the same time yesterday:',
        promql:
          'model:request_latency_seconds:p99_rate5m\nmodel:request_latency_seconds:p99_rate5m offset 1d',
      },
      { says: 'Are requests queued?', promql: 'model:requests_waiting:sum' },
      { says: 'How high is the load?', promql: 'model:requests:rate5m' },
    ],
    causes: [
      'Requests wait for a slot in the batch.',
      'A few clients request very long responses, which affect this quantile first.',
      'An engine has just started and its prefix cache is empty.',
    ],
    act: [
      'If requests are queued, see HadalBacklogHigh.',
      'If responses are long, cap `maxTokens` for clients that do not need long responses, or serve them from a separate model.',
      'If it persists and nothing is wrong, change `slo.latencyMillis`.',
    ],
    wrong:
      'With few requests the quantile equals the slowest one. Between the bucket boundaries 0.5s and 0.8s values are interpolated: it may report 600 ms for requests that took 510.',
  },
  {
    alert: 'HadalTtftHigh',
    means:
      'The time to first token at the quantile `slo.latencyShare` has been above `slo.ttftMillis` for 5m, measured at the engines: gateways see the first token only of streams.',
    clients: 'A chat that does not respond after the question.',
    look: [
      {
        says: 'Queue time, or prefill?',
        promql:
          'histogram_quantile(0.99, sum by (le, model_name) (rate(vllm:request_queue_time_seconds_bucket[5m])))\nhistogram_quantile(0.99, sum by (le, model_name) (rate(vllm:request_prefill_time_seconds_bucket[5m])))',
      },
      {
        says: 'Are prompts longer, or is the cache hit rate lower?',
        promql:
          'sum by (model_name) (rate(vllm:prompt_tokens_total[5m]))\nsum by (model_name) (rate(vllm:prefix_cache_hits_total[5m])) / sum by (model_name) (rate(vllm:prefix_cache_queries_total[5m]))',
      },
    ],
    causes: [
      'Requests wait for a slot: the load is too high.',
      'Long prompts, of tools or documents, that are not in the prefix cache.',
      'Conversations are not routed to the replica that has their prefix cached (`routing` is not `prefix`, or replicas change often).',
    ],
    act: [
      'Add engines, or reduce concurrent requests (`maxConcurrentPerReplica`).',
      'Use the same prompt prefix for all requests (system prompt and tools first), so that the prefix cache applies.',
      'Set `sloTtftMillis`: requests that cannot meet it are then rejected at once, with 503 and Retry-After.',
    ],
    wrong:
      'Queue time at the gateway is not included: check the backlog. After a start the first requests have no cached prefix.',
  },
  {
    alert: 'HadalBacklogHigh',
    means:
      'More than `slo.maxBacklog` requests to a model have been queued for 5m, at gateways and engines combined.',
    clients: 'Long waits before the first token; when the queue is full, 429 with `Retry-After`.',
    look: [
      {
        says: 'How many are queued, and how many are running?',
        promql: 'model:requests_waiting:sum\nsum by (model_name) (vllm:num_requests_running)',
      },
      {
        says: 'Which keys send the most requests? (if keys are used)',
        shell: `${atGateway} -- hadal usage ${itsConfig}`,
      },
      {
        says: 'Are all engines running, and is an autoscaler adding more?',
        shell: 'hadal deploy status\nkubectl -n hadal get hpa,scaledobject,pods',
      },
    ],
    causes: [
      'The load exceeds the capacity of the engines.',
      'An engine is down or starting: the others serve its share.',
      'An autoscaler is at its maximum (HadalScaledToMaximum), is not working (HadalScalerFailing), or waits for a node (HadalPodsPending).',
      'A batch job uses the priority of interactive requests: `x-hadal-priority`.',
    ],
    act: [
      'Add engines: `kubectl -n hadal scale deployment/hadal-engine --replicas N`, or raise `scaling.maxReplicas` if an autoscaler is used.',
      'Limit clients that send too much: `hadal keys` sets requests and tokens per minute.',
      'Let batch jobs send `x-hadal-priority: 100`: lower numbers run first, and the default is 0.',
    ],
    wrong:
      'Right after a start, or during a burst that is served within minutes, a queue is expected: `for: 5m` ignores those. It counts requests, not their length.',
  },
  {
    alert: 'HadalRequestsShed',
    means:
      'More than 5% of requests have been rejected for 10m, with the code in the label: the queue is full (`queue_full`, `upstream_busy`, `batch_queue_full`), or they could not have met their deadline (`deadline_unmet`, `upstream_late`). Per-key limits (`rate_limited`) are not counted: they are not a failure of the service.',
    clients: '429 or 503 with `Retry-After`. Clients that retry earlier make it worse.',
    look: [
      {
        says: 'Which code, and how many?',
        promql:
          'sum by (code) (rate(hadal_errors_total{code=~"queue_full|upstream_busy|deadline_unmet|upstream_late"}[5m]))',
      },
      {
        says: 'Is the queue full, or is its limit too low?',
        promql: 'sum by (model_name) (vllm:num_requests_waiting) / sum by (model_name) (hadal_max_queue)',
      },
    ],
    causes: [
      'The load exceeds the capacity of the engines: see HadalBacklogHigh.',
      '`maxQueue` is too small for bursts.',
      'Client deadlines are shorter than the model can meet.',
    ],
    act: [
      'As for HadalBacklogHigh.',
      'If engines could serve bursts within the SLO: raise `maxQueue`.',
      'Ask clients that set such deadlines to raise them.',
    ],
    wrong:
      'Load shedding is intended: it keeps the remaining requests fast. The alert is a ticket, so that the rate is reviewed.',
  },
  {
    alert: 'HadalAnswersInterrupted',
    means:
      'More than 1% of responses from replicas have been interrupted after their first byte for 5m. Their status was already 200, so no error budget includes them.',
    clients:
      'A stream that ends with an error event `upstream_interrupted`, or without its end. It cannot be retried transparently: the client has already received a part.',
    look: [
      { says: 'Which model?', promql: 'sum by (model_name) (rate(hadal_upstream_interrupted_total[5m]))' },
      {
        says: 'Which replica fails?',
        promql: 'topk(5, sum by (model_name, replica) (rate(hadal_upstream_failures_total[5m])))',
      },
      {
        says: 'Are engine pods terminating?',
        shell:
          'kubectl -n hadal get pods -l app.kubernetes.io/component=engine\nkubectl -n hadal logs -l app.kubernetes.io/component=engine --previous --tail 50',
      },
    ],
    causes: [
      'Engine pods are killed: out of memory, or stopped before their responses completed (`terminationGracePeriodSeconds` is too short for the longest request).',
      'A proxy between gateway and engine closes connections after a fixed time.',
      'An engine hangs for longer than `idleTimeoutMillis` between two bytes.',
    ],
    act: [
      'If killed for memory: raise `deploy.memoryLimit`, or reduce the cache of the engine.',
      'If only during rollouts: raise `deploy.longestRequestMillis` and render again.',
      'If a proxy: raise its idle timeout above `idleTimeoutMillis`.',
    ],
    wrong: 'Deleting a single replica manually interrupts all its responses at once.',
  },
]
