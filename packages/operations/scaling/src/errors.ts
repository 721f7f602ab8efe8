/** Errors of `hadal scale` on start-up, observation and scaling. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const scaleNothing: ErrorMaker<[why: string]> = defineError({
  code: 'scale_nothing',
  status: 400,
  when: 'The config has no engines whose replica count `hadal scale` manages.',
  message: (why) => `there is nothing to scale: ${why}`,
  help: "Set scaling: { autoscaler: 'hadal' } in the config, apply it with `hadal deploy apply`, and start again. With --dry-run, it reports its decisions next to any other autoscaler.",
})

export const scalePlanUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'scale_plan_unreadable',
  status: 400,
  when: 'The file of `--plan` cannot be read, or was not written by `hadal deploy render`.',
  message: (path, why) => `${path} is not a scaler plan: ${why}`,
  help: 'Render it again with the same Hadal version that reads it: `hadal deploy render` writes it into the ConfigMap of the scaler.',
})

export const scaleTargetBusy: ErrorMaker<[target: string]> = defineError({
  code: 'scale_target_busy',
  status: 409,
  when: 'The workload changes faster than the scaler can update its replica count.',
  message: (target) => `${target} changes constantly`,
  help: 'During a rollout, wait: the scaler retries at its next check. Otherwise, `kubectl get --show-managed-fields` shows which client writes.',
})

export const scaleLeaseLost: ErrorMaker<[lease: string, holder: string]> = defineError({
  code: 'scale_lease_lost',
  status: 409,
  when: 'Another scaler is the leader now, so this one makes no changes.',
  message: (lease, holder) => `the Lease ${lease} is held by ${holder}`,
  help: 'No action is needed: one of several scalers acts, and the others stand by. `hadal scale status` shows the leader.',
})

export const scaleUnknown: ErrorMaker<[where: string]> = defineError({
  code: 'scale_unknown',
  status: 404,
  when: '`hadal scale status` found no scaler: none has ever been the leader in this namespace.',
  message: (where) => `no scaler found in ${where}`,
  help: 'Start one with `hadal scale`, or deploy it with `hadal deploy render`. Select another place with -n, --context or --url.',
})

export const scaleStatusUnreadable: ErrorMaker<[where: string, why: string]> = defineError({
  code: 'scale_status_unreadable',
  status: 502,
  when: 'The address of `--url` does not respond, or returns something other than scaling decisions.',
  message: (where, why) => `${where} returned no scaling decisions: ${why}`,
  help: 'Set --url to the address of a `hadal scale` or a `hadal serve --replicas auto`.',
})

export const scaleTokenUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'scale_token_unreadable',
  status: 400,
  when: 'The file with the Prometheus token cannot be read, or is empty.',
  message: (path, why) => `cannot read the Prometheus token from ${path}: ${why}`,
  help: 'Set --prometheus-token-file to a file that contains only the token.',
})

export const scaleListenFailed: ErrorMaker<[address: string, why: string]> = defineError({
  code: 'scale_listen_failed',
  status: 409,
  when: '`hadal scale` cannot listen on the address of `--listen`.',
  message: (address, why) => `cannot listen on ${address}: ${why}`,
  help: 'Choose another address with --listen; port 0 selects a free port.',
})
