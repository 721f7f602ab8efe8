/** SLO runbooks: failures, latency, queueing. */

import { atGateway, itsConfig, type Runbook } from './runbook.ts'

const rollout = {
  says: 'Did a rollout, or a change of the config, begin before it?',
  shell: 'hadal deploy status\nkubectl -n hadal get events --sort-by=.lastTimestamp | tail -20',
}

export const promises: readonly Runbook[] = [
  {
    alert: 'HadalErrorBudgetBurn',
    means:
      'Requests fail so often that the budget of `slo.availability` will be used up long before the end of `slo.windowDays`. The labels `long_window` and `short_window` say how fast: 1h/5m and 6h/30m page, 1d/2h and 3d/6h are tickets. Every answer with a status of 500 or more is a failure, also a 503 with `Retry-After`: the client has no answer. 429 is none, nor any other 4xx, nor 499 (the client left); probes and `/metrics` do not count. At least five requests have failed in the long window.',
    clients:
      'Errors with a `code` in their body, of [errors.md](../errors.md). SDKs retry 5xx by themselves, so users may see slowness first.',
    look: [
      {
        says: 'Which errors? The code names the part at fault.',
        promql: 'topk(5, sum by (code) (rate(hadal_errors_total[5m])))',
      },
      {
        says: 'Which routes, and since when?',
        promql: 'sum by (route, status) (rate(hadal_http_requests_total{status=~"5.."}[5m]))',
      },
      { says: 'Are replicas away?', promql: 'min by (model_name, replica) (hadal_upstream_replica_up)' },
      rollout,
      {
        says: 'What do gateways say?',
        shell:
          'kubectl -n hadal logs -l app.kubernetes.io/component=gateway --since 15m --prefix | grep -E \'"level":"(warn|error)"\' | tail -20',
      },
    ],
    causes: [
      '`upstream_unavailable`, `upstream_failed`, `upstream_timeout`: engines are down, are starting, or hang. See HadalUpstreamDown.',
      '`engine_crashed`: the native library ends. See HadalEngineRestarts.',
      '`deadline_unmet`, `upstream_late`: there is more to do than engines can; see HadalBacklogHigh.',
      '`accounts_unavailable`: the database of keys is away. See HadalAccountsDatabaseDown.',
      '`server_draining`, `engine_closed`: pods end while clients still have connections to them, as when `preStop` is too short for the load balancer.',
    ],
    act: [
      'If it began with a rollout: `hadal deploy undo`, then look for the reason.',
      'If a replica fails whatever it is asked, delete its pod: `kubectl -n hadal delete pod NAME`.',
      'If there is too much to do, add engines (`scaling.maxReplicas`, `deploy.replicas`), or a model to fall back to (`models[].fallbacks`).',
      'Say how much of the budget is left: what is used up cannot be won back within the window, so hold risky changes.',
    ],
    wrong:
      'A client that asks with a `deadline_ms` nobody could keep gets `deadline_unmet` (503), and counts: see its share by code. A promise above what the network in front delivers burns all the time. With very few requests five failures can be most of them. Failures that never reach a gateway (DNS, Ingress, certificates) are not counted here at all.',
  },
  {
    alert: 'HadalLatencyBudgetBurn',
    means:
      'More requests take longer than `slo.latencyMillis` than `slo.latencyShare` allows, so fast that the budget will be used up before the end of `slo.windowDays`. Measured at the gateway, from the request to its last token, waiting included. Requests are counted by a histogram’s edge: that of the promise where it is one, else the nearest above; the description says which.',
    clients: 'Answers that are right and late. Streams begin late, or crawl.',
    look: [
      {
        says: 'Which part of the time? Waiting, reading the prompt, or writing the answer:',
        promql:
          'histogram_quantile(0.99, sum by (le, model_name) (rate(vllm:request_queue_time_seconds_bucket[5m])))\nhistogram_quantile(0.99, sum by (le, model_name) (rate(vllm:request_prefill_time_seconds_bucket[5m])))\nhistogram_quantile(0.99, sum by (le, model_name) (rate(vllm:request_decode_time_seconds_bucket[5m])))',
      },
      {
        says: 'Is there more to do, or are answers longer?',
        promql:
          'sum by (model_name) (rate(vllm:generation_tokens_total[5m])) / sum by (model_name) (rate(vllm:e2e_request_latency_seconds_count[5m]))',
      },
      { says: 'Do GPUs keep their clocks?', promql: 'avg by (hostname, gpu) (DCGM_FI_DEV_SM_CLOCK)' },
      rollout,
    ],
    causes: [
      'More requests than engines can do: waiting dominates.',
      'Longer answers or prompts than when the promise was made: a whole answer of 500 tokens at 20 ms a token takes 10 s, and no engine makes that 500 ms.',
      'The prefix cache no longer hits, as after a change of the system prompt.',
      'Memory for keys and values is full (HadalKvCacheFull), so that requests are computed twice.',
      'A GPU that is hot lowers its clocks (HadalGpuHot).',
    ],
    act: [
      'Waiting: more engines, or a smaller `maxQueue`, so that the others are turned away at once.',
      'Reading: look at `hadal_upstream_prefix_hits_total`; route by `prefix`.',
      'Writing: a smaller `maxBatchSize` makes each answer faster and all of them fewer.',
      'If the promise cannot be kept by design, change `slo.latencyMillis`, or promise `slo.ttftMillis`.',
    ],
    wrong:
      'Where the promise is no edge of the histogram, requests between it and the edge above count as in time; HadalLatencyHigh sees them. Requests that fail are not in the histogram: an outage makes latency look well. Few requests make one slow answer a large share; fewer than five slow ones in the long window fire nothing.',
  },
  {
    alert: 'HadalLatencyHigh',
    means:
      'The quantile that `slo.latencyShare` names (P99 for 0.99) of whole answers has been above `slo.latencyMillis` for 5m. It is read between two edges of a histogram, so it is an estimate; HadalLatencyBudgetBurn counts exactly, and pages.',
    clients: 'One of a hundred answers, or more, is late.',
    look: [
      {
        says: 'Now, and at the same time yesterday:',
        promql:
          'model:request_latency_seconds:p99_rate5m\nmodel:request_latency_seconds:p99_rate5m offset 1d',
      },
      { says: 'Do requests wait?', promql: 'model:requests_waiting:sum' },
      { says: 'How much is asked?', promql: 'model:requests:rate5m' },
    ],
    causes: [
      'Requests wait for a place in the batch.',
      'A few clients ask for very long answers, which the quantile shows first.',
      'An engine was just started and has nothing in its prefix cache.',
    ],
    act: [
      'If requests wait, see HadalBacklogHigh.',
      'If answers are long, cap `maxTokens` for those who need none so long, or give them a model of their own.',
      'If it stays so without anything being wrong, change `slo.latencyMillis`.',
    ],
    wrong:
      'With few requests the quantile is that of the slowest one. Between the edges 0.5s and 0.8s all values are guesses: it may say 600 ms for requests that took 510.',
  },
  {
    alert: 'HadalTtftHigh',
    means:
      'The quantile that `slo.latencyShare` names of first tokens has been above `slo.ttftMillis` for 5m, measured at the engines: gateways see a first token only of streams.',
    clients: 'A chat in which nothing moves after the question.',
    look: [
      {
        says: 'Waiting, or reading?',
        promql:
          'histogram_quantile(0.99, sum by (le, model_name) (rate(vllm:request_queue_time_seconds_bucket[5m])))\nhistogram_quantile(0.99, sum by (le, model_name) (rate(vllm:request_prefill_time_seconds_bucket[5m])))',
      },
      {
        says: 'Are prompts longer, or the cache colder?',
        promql:
          'sum by (model_name) (rate(vllm:prompt_tokens_total[5m]))\nsum by (model_name) (rate(vllm:prefix_cache_hits_total[5m])) / sum by (model_name) (rate(vllm:prefix_cache_queries_total[5m]))',
      },
    ],
    causes: [
      'Requests wait for a place: there is too much to do.',
      'Long prompts, of tools or of documents, that nobody has read before.',
      'Conversations do not come back to the replica that knows them (`routing` is not `prefix`, or replicas come and go).',
    ],
    act: [
      'More engines, or fewer requests at the same time (`maxConcurrentPerReplica`).',
      'Let the beginning of prompts be the same for all (system prompt and tools first), so that the prefix cache has it.',
      'Set `sloTtftMillis`: what cannot be in time is then refused at once, with 503 and when to come back.',
    ],
    wrong:
      'Waiting at the gateway is not in it: see the backlog. After a start the first requests read everything anew.',
  },
  {
    alert: 'HadalBacklogHigh',
    means:
      'More than `slo.maxBacklog` requests to a model have been waiting for 5m, at gateways and engines together.',
    clients: 'Long waits before the first token; when the waiting line is full, 429 with `Retry-After`.',
    look: [
      {
        says: 'How many, and how many are computed?',
        promql: 'model:requests_waiting:sum\nsum by (model_name) (vllm:num_requests_running)',
      },
      { says: 'Who asks so much? (with keys)', shell: `${atGateway} -- hadal usage ${itsConfig}` },
      {
        says: 'Are all engines there, and does somebody add more?',
        shell: 'hadal deploy status\nkubectl -n hadal get hpa,scaledobject,pods',
      },
    ],
    causes: [
      'More is asked than engines can do.',
      'An engine is away or starts: the others have its share.',
      'An autoscaler is at its maximum (HadalScaledToMaximum), cannot work (HadalScalerFailing), or waits for a node (HadalPodsPending).',
      'A batch job asks with the priority of people: `x-hadal-priority`.',
    ],
    act: [
      'Add engines: `kubectl -n hadal scale deployment/hadal-engine --replicas N`, or `scaling.maxReplicas` where an autoscaler does it.',
      'Limit who asks too much: `hadal keys` sets requests and tokens per minute.',
      'Let batch jobs say `x-hadal-priority: 100`: lower numbers go first, and 0 is usual.',
    ],
    wrong:
      'Right after a start, or when many requests come at once and are done within minutes, a line is what it should be: `for: 5m` lets those pass. It counts requests, not their length.',
  },
  {
    alert: 'HadalRequestsShed',
    means:
      'More than 5% of requests have been turned away for 10m, with the code in the label: the waiting line is full (`queue_full`, `upstream_busy`, `batch_queue_full`), or they could not have been in time (`deadline_unmet`, `upstream_late`). Limits of single keys (`rate_limited`) are not counted: they are no fault of the service.',
    clients: '429 or 503 with `Retry-After`. Clients that do not wait so long make it worse.',
    look: [
      {
        says: 'Which, and how many?',
        promql:
          'sum by (code) (rate(hadal_errors_total{code=~"queue_full|upstream_busy|deadline_unmet|upstream_late"}[5m]))',
      },
      {
        says: 'Is the line full, or short?',
        promql: 'sum by (model_name) (vllm:num_requests_waiting) / sum by (model_name) (hadal_max_queue)',
      },
    ],
    causes: [
      'More is asked than engines can do: see HadalBacklogHigh.',
      '`maxQueue` is smaller than bursts are.',
      'Deadlines of clients are tighter than the model is fast.',
    ],
    act: [
      'As for HadalBacklogHigh.',
      'Bursts that engines could do within the promise: a larger `maxQueue`.',
      'Tell whoever sends such deadlines what is possible.',
    ],
    wrong:
      'To shed is what the service is built for: it keeps the others fast. A ticket, so that somebody decides whether this much is wanted.',
  },
  {
    alert: 'HadalAnswersInterrupted',
    means:
      'More than 1% of answers from replicas have broken off after their first byte for 5m. Their status was 200 by then, so that no error budget shows them.',
    clients:
      'A stream that ends with an error event `upstream_interrupted`, or without its end. It cannot be retried unseen: half of it was read.',
    look: [
      { says: 'Which model?', promql: 'sum by (model_name) (rate(hadal_upstream_interrupted_total[5m]))' },
      {
        says: 'Which replica fails?',
        promql: 'topk(5, sum by (model_name, replica) (rate(hadal_upstream_failures_total[5m])))',
      },
      {
        says: 'Do engine pods end?',
        shell:
          'kubectl -n hadal get pods -l app.kubernetes.io/component=engine\nkubectl -n hadal logs -l app.kubernetes.io/component=engine --previous --tail 50',
      },
    ],
    causes: [
      'Engine pods are killed: out of memory, or ended before their answers were (`terminationGracePeriodSeconds` is too short for the longest request).',
      'A proxy between gateway and engine cuts connections after a fixed time.',
      'An engine hangs for longer than `idleTimeoutMillis` between two bytes.',
    ],
    act: [
      'Killed for memory: raise `deploy.memoryLimit`, or let the engine have less cache.',
      'During rollouts only: raise `deploy.longestRequestMillis` and render again.',
      'A proxy: raise its idle timeout above `idleTimeoutMillis`.',
    ],
    wrong: 'A single replica that is deleted by hand cuts all its answers at once.',
  },
]
