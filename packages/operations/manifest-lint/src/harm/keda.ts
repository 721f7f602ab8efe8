/** Rules for ScaledObjects: KEDA settings without the apparent effect. */

import { nearest } from '@hadal/base'
import type { FactualRule } from '../rule-facts.ts'
import { fieldsAt, listAt, numberAt, textAt } from './read/values.ts'
import { allWorkloads, kindOf, targetOf, titled } from './read/workload.ts'

const idleCooldown: FactualRule = {
  id: 'cooldown_without_zero',
  severity: 'advice',
  what: 'a cooldownPeriod on a ScaledObject that never scales to zero',
  why: 'cooldownPeriod applies only to the step to zero; between 1 and N the behavior of the HorizontalPodAutoscaler applies.',
  *find(object) {
    if (kindOf(object) !== 'ScaledObject') return
    const { cooldownPeriod, minReplicaCount, idleReplicaCount } = fieldsAt(object.manifest, 'spec')
    if (cooldownPeriod === undefined || idleReplicaCount !== undefined) return
    if (typeof minReplicaCount !== 'number' || minReplicaCount === 0) return
    yield {
      path: ['spec', 'cooldownPeriod'],
      reason: `cooldownPeriod ${String(cooldownPeriod)} applies only to the step to zero, which minReplicaCount ${minReplicaCount} never allows`,
      fix: 'advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: 300 } } } }',
    }
  },
}

const coldScaleToZero: FactualRule = {
  id: 'cold_scale_to_zero',
  severity: 'harmful',
  what: 'GPU pods that scale to zero and start slowly',
  why: 'A pod that is still loading its model may be considered idle and killed, or clients time out. minReplicaCount defaults to 0.',
  *find(object, context) {
    if (kindOf(object) !== 'ScaledObject') return
    const spec = fieldsAt(object.manifest, 'spec')
    if (spec.minReplicaCount !== undefined && spec.minReplicaCount !== 0) return
    const target = targetOf(object)
    const workload = allWorkloads(context).find(
      ({ kind, name }) => kind === target.kind && name === target.name,
    )
    if (workload === undefined || workload.gpus === 0) return
    if (spec.minReplicaCount === undefined)
      yield {
        path: ['spec'],
        reason: `minReplicaCount is not set and defaults to 0: ${titled(workload)} loses its last pod when idle, and the next request waits for a cold start`,
        fix: 'minReplicaCount: 1, or set 0 explicitly if intended',
      }
    else if (numberAt(spec, 'cooldownPeriod') !== undefined && numberAt(spec, 'cooldownPeriod')! < 300)
      yield {
        path: ['spec', 'cooldownPeriod'],
        reason: `cooldownPeriod ${String(spec.cooldownPeriod)} s may expire while a pod is still loading its model, which is then killed`,
        fix: 'cooldownPeriod: 900, at least three times a cold start',
      }
    const polling = numberAt(spec, 'pollingInterval') ?? 30
    if (polling > 60)
      yield {
        path: ['spec', 'pollingInterval'],
        reason: `with zero pods, a request waits up to ${polling} s before a pod is started, and then for the cold start`,
        fix: 'pollingInterval: 15',
        severity: 'advice',
      }
  },
}

/** Scalers of KEDA 2.17. */
const scalers: readonly string[] =
  'activemq apache-kafka arangodb artemis-queue aws-cloudwatch aws-dynamodb aws-dynamodb-streams aws-kinesis-stream aws-sqs-queue azure-app-insights azure-blob azure-data-explorer azure-eventhub azure-log-analytics azure-monitor azure-pipelines azure-queue azure-servicebus beanstalkd cassandra couchdb cpu cron datadog dynatrace elasticsearch etcd external external-push forgejo-runner gcp-cloudtasks gcp-pubsub gcp-stackdriver gcp-storage github-runner graphite huawei-cloudeye ibmmq influxdb kafka kubernetes-workload loki memory metrics-api mongodb mssql mysql nats-jetstream new-relic nsq openstack-metric openstack-swift postgresql predictkube prometheus pulsar rabbitmq redis redis-cluster redis-cluster-streams redis-sentinel redis-sentinel-streams redis-streams selenium-grid solace-event-queue solr splunk splunk-observability stan sumologic temporal'.split(
    ' ',
  )

const unknownTrigger: FactualRule = {
  id: 'unknown_trigger',
  severity: 'harmful',
  what: 'an unknown KEDA trigger type',
  why: 'The API server accepts any text; KEDA reports `no scaler found for type`, and nothing scales.',
  *find(object) {
    if (kindOf(object) !== 'ScaledObject' && kindOf(object) !== 'ScaledJob') return
    for (const [at, trigger] of listAt(object.manifest, 'spec', 'triggers').entries()) {
      const type = textAt(trigger, 'type')
      if (type === undefined || scalers.includes(type)) continue
      const near = nearest(type, scalers)
      yield {
        path: ['spec', 'triggers', at, 'type'],
        reason: `KEDA has no trigger type ${type}${near === undefined ? '' : `; did you mean ${near}?`}`,
        fix: `type: ${near ?? 'prometheus'}`,
        ...(near === undefined ? { severity: 'advice' as const } : {}),
      }
    }
  },
}

export const kedaRules: readonly FactualRule[] = [coldScaleToZero, idleCooldown, unknownTrigger]
