/** What keeps `hadal scale` from starting, from seeing or from acting. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const scaleNothing: ErrorMaker<[why: string]> = defineError({
  code: 'scale_nothing',
  status: 400,
  when: 'The config names no engines whose number `hadal scale` is to change.',
  message: (why) => `there is nothing to scale: ${why}`,
  help: "Set scaling: { autoscaler: 'hadal' } in the config, apply it with `hadal deploy apply`, and start again. With --dry-run it says what it would do beside any other autoscaler.",
})

export const scalePlanUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'scale_plan_unreadable',
  status: 400,
  when: 'The file that --plan names cannot be read, or is none that `hadal deploy render` wrote.',
  message: (path, why) => `${path} is no plan of a scaler: ${why}`,
  help: 'Render it again with the Hadal that reads it: `hadal deploy render` writes it into the ConfigMap of the scaler.',
})

export const scaleTargetBusy: ErrorMaker<[target: string]> = defineError({
  code: 'scale_target_busy',
  status: 409,
  when: 'What is to be scaled changes faster than its number can be written.',
  message: (target) => `${target} changes all the time`,
  help: 'Nothing needs to be done where a rollout goes on: it is tried again at the next look. `kubectl get --show-managed-fields` says who writes.',
})

export const scaleLeaseLost: ErrorMaker<[lease: string, holder: string]> = defineError({
  code: 'scale_lease_lost',
  status: 409,
  when: 'Another scaler leads by now, so this one changes nothing.',
  message: (lease, holder) => `the Lease ${lease} is held by ${holder}`,
  help: 'Nothing needs to be done: one of several scalers acts, and the others wait. `hadal scale status` says which.',
})

export const scaleUnknown: ErrorMaker<[where: string]> = defineError({
  code: 'scale_unknown',
  status: 404,
  when: '`hadal scale status` finds no scaler: none has ever led in this namespace.',
  message: (where) => `no scaler is known in ${where}`,
  help: 'Start one with `hadal scale`, or render it with `hadal deploy render`; -n, --context or --url name another place.',
})

export const scaleStatusUnreadable: ErrorMaker<[where: string, why: string]> = defineError({
  code: 'scale_status_unreadable',
  status: 502,
  when: 'What --url names does not answer, or not with the decisions of a scaler.',
  message: (where, why) => `${where} does not say what was decided: ${why}`,
  help: 'Name the address of a `hadal scale`, or of a `hadal serve --replicas auto`, with --url.',
})

export const scaleTokenUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'scale_token_unreadable',
  status: 400,
  when: 'The file with the token for Prometheus cannot be read, or is empty.',
  message: (path, why) => `the token for Prometheus cannot be read from ${path}: ${why}`,
  help: 'Name a file that holds the token alone with --prometheus-token-file.',
})

export const scaleListenFailed: ErrorMaker<[address: string, why: string]> = defineError({
  code: 'scale_listen_failed',
  status: 409,
  when: 'The address of --listen cannot be listened on.',
  message: (address, why) => `cannot listen on ${address}: ${why}`,
  help: 'Name another address with --listen; port 0 is any that is free.',
})
