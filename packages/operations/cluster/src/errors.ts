/** Errors of reading or changing a cluster. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const clusterConfigInvalid: ErrorMaker<[why: string]> = defineError({
  code: 'cluster_config_invalid',
  status: 400,
  when: 'No kubeconfig selects a cluster, or the kubeconfig cannot be read.',
  message: (why) => `no cluster is known: ${why}`,
  help: 'Name a file with --kubeconfig or KUBECONFIG, and one of its contexts with --context.',
})

export const clusterUnreachable: ErrorMaker<[server: string, why: string]> = defineError({
  code: 'cluster_unreachable',
  status: 503,
  when: 'The connection to the API server failed.',
  message: (server, why) => `the API server at ${server} cannot be reached: ${why}`,
  help: '`kubectl config current-context` says which cluster it is; see that it runs, and that this machine gets there (VPN, proxy).',
})

export const clusterTimeout: ErrorMaker<[server: string, request: string, seconds: number]> = defineError({
  code: 'cluster_timeout',
  status: 504,
  when: 'The API server did not respond within `--request-timeout`.',
  message: (server, request, seconds) =>
    `the API server at ${server} did not answer ${request} within ${seconds} s`,
  help: 'Try again; for a slow connection give it longer: --request-timeout 60s.',
})

export const clusterCertificate: ErrorMaker<[server: string, why: string]> = defineError({
  code: 'cluster_certificate',
  status: 502,
  when: 'The certificate of the API server has expired, or does not match its address or the certificate authority of the kubeconfig.',
  message: (server, why) => `the certificate of ${server} is not trusted: ${why}`,
  help: 'Get a new kubeconfig of this cluster: certificate-authority-data and server must belong together. Something between may present a certificate of its own.',
})

export const clusterUnauthorized: ErrorMaker<[server: string]> = defineError({
  code: 'cluster_unauthorized',
  status: 401,
  when: 'The API server rejects the credentials: a token or certificate is missing, wrong or expired.',
  message: (server) => `the API server at ${server} does not accept the credentials of the kubeconfig`,
  help: 'Log in again: a token or certificate may have expired.',
})

export const clusterCredentials: ErrorMaker<[server: string, why: string]> = defineError({
  code: 'cluster_credentials',
  status: 401,
  when: 'The credentials program or file of the kubeconfig returned no credentials, or not within `--request-timeout`.',
  message: (server, why) => `no credentials for ${server} can be had as the kubeconfig says: ${why}`,
  help: '`kubectl get namespaces` tries the same; a program that the kubeconfig names may wait for a login.',
})

export const clusterForbidden: ErrorMaker<[verb: string, resource: string, where: string, why: string]> =
  defineError({
    code: 'cluster_forbidden',
    status: 403,
    when: 'The user of the kubeconfig lacks a required permission.',
    message: (verb, resource, where, why) => `may not ${verb} ${resource} ${where}${why}`,
    help: (verb, resource) =>
      `Somebody with the right to must grant it: a Role with the verb ${verb} on ${resource}, and a RoleBinding.`,
  })

export const clusterRefused: ErrorMaker<[what: string, why: string]> = defineError({
  code: 'cluster_refused',
  status: 422,
  when: 'The API server rejects an object: a field is unknown or invalid, or an admission webhook denies it.',
  message: (what, why) => `the API server refuses ${what}: ${why}`,
  help: (_what, why) =>
    /exceeded quota/.test(why)
      ? 'Raise the quota, or ask for less.'
      : /webhook|admission|denied|terminated/.test(why)
        ? 'It is a rule of this cluster: do as the message says, or ask whoever runs it.'
        : '`hadal deploy lint` says where it stands and what to write.',
  docsHelp:
    'Run `hadal deploy lint` to locate the field and see the correct value. If a quota is exceeded, raise it or request less; if an admission webhook denies the object, follow its message.',
})

export const clusterConflict: ErrorMaker<[what: string, fields: readonly string[]]> = defineError({
  code: 'cluster_conflict',
  status: 409,
  when: 'Another field manager owns a field with a different value.',
  message: (what, fields) => `${what} has fields that others manage: ${fields.join('; ')}`,
  help: 'Leave the field out of the manifest, or take it over with --force.',
})

export const clusterBusy: ErrorMaker<[server: string, why: string]> = defineError({
  code: 'cluster_busy',
  status: 503,
  when: 'The API server repeatedly returned an internal error.',
  message: (server, why) => `the API server at ${server} fails: ${why}`,
  help: 'Wait and try again; its log says more.',
})

export const namespaceMissing: ErrorMaker<[namespace: string]> = defineError({
  code: 'cluster_namespace_missing',
  status: 404,
  when: 'The namespace does not exist, and no manifest creates it.',
  message: (namespace) => `there is no namespace ${namespace}`,
  help: (namespace) => `Make it: kubectl create namespace ${namespace}.`,
})

export const manifestsUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'rollout_manifests_unreadable',
  status: 400,
  when: 'The files given with `-f` cannot be read as manifests.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Name files or folders of YAML or JSON; `hadal deploy lint` says what is wrong in them.',
})

export const rolloutFailed: ErrorMaker<[why: readonly string[], after: string]> = defineError({
  code: 'rollout_failed',
  status: 500,
  when: 'Pods did not become ready, or an object could not be applied. The previous state is restored unless `--no-rollback` was given.',
  message: (why, after) => [`the rollout failed${after}`, ...why.map((each) => `  ${each}`)].join('\n'),
  help: '`hadal deploy status` says what runs now. Correct what is named above, and apply again.',
})

export const rolloutTimeout: ErrorMaker<[time: string, why: readonly string[], after: string]> = defineError({
  code: 'rollout_timeout',
  status: 504,
  when: 'Pods were not ready within `--timeout`. The previous state is restored unless `--no-rollback` was given.',
  message: (time, why, after) =>
    [`not ready after ${time}${after}`, ...why.map((each) => `  ${each}`)].join('\n'),
  help: 'Give it longer with --timeout where a model loads slowly; otherwise correct what is named above.',
})

export const rolloutOvertaken: ErrorMaker<[names: readonly string[]]> = defineError({
  code: 'rollout_overtaken',
  status: 409,
  when: 'The same workload was applied by another client during the rollout. Nothing is rolled back, because that would undo the other change.',
  message: (names) => `somebody else rolled out meanwhile: ${names.join(', ')}; nothing is taken back`,
  help: '`hadal deploy status` says what runs now. Apply again once nobody else does.',
})

export const rolloutNotFound: ErrorMaker<[what: string, namespace: string]> = defineError({
  code: 'rollout_not_found',
  status: 404,
  when: 'The namespace contains no object of the deployment.',
  message: (what, namespace) => `nothing of ${what} is in the namespace ${namespace}`,
  help: '`hadal deploy apply` brings it there; -n and --context name another place.',
})

export const scaleTargetGone: ErrorMaker<[target: string, why: string]> = defineError({
  code: 'scale_target_gone',
  status: 404,
  when: 'The workload to scale does not exist in the cluster, or is being deleted.',
  message: (target, why) => `${target} ${why}`,
  help: '`hadal deploy apply` brings it there; `hadal deploy status` says what is. The scaler goes on as soon as it is.',
})
