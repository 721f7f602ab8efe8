/** Errors of reading or changing a cluster. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const clusterConfigInvalid: ErrorMaker<[why: string]> = defineError({
  code: 'cluster_config_invalid',
  status: 400,
  when: 'No kubeconfig selects a cluster, or the kubeconfig cannot be read.',
  message: (why) => `no cluster is configured: ${why}`,
  help: 'Name a kubeconfig with --kubeconfig or KUBECONFIG, and one of its contexts with --context.',
})

export const clusterUnreachable: ErrorMaker<[server: string, why: string]> = defineError({
  code: 'cluster_unreachable',
  status: 503,
  when: 'The connection to the API server failed.',
  message: (server, why) => `cannot reach the API server at ${server}: ${why}`,
  help: 'Check that `kubectl config current-context` shows the right cluster, that it is running, and that this machine can reach it (VPN, proxy).',
})

export const clusterTimeout: ErrorMaker<[server: string, request: string, seconds: number]> = defineError({
  code: 'cluster_timeout',
  status: 504,
  when: 'The API server did not respond within `--request-timeout`.',
  message: (server, request, seconds) =>
    `the API server at ${server} did not respond to ${request} within ${seconds} s`,
  help: 'Try again, or raise the timeout for a slow connection: --request-timeout 60s.',
})

export const clusterCertificate: ErrorMaker<[server: string, why: string]> = defineError({
  code: 'cluster_certificate',
  status: 502,
  when: 'The certificate of the API server has expired, or does not match its address or the certificate authority of the kubeconfig.',
  message: (server, why) => `the certificate of ${server} is not trusted: ${why}`,
  help: 'Get a new kubeconfig of this cluster: certificate-authority-data and server must match. A proxy in between may present its own certificate.',
})

export const clusterUnauthorized: ErrorMaker<[server: string]> = defineError({
  code: 'cluster_unauthorized',
  status: 401,
  when: 'The API server rejects the credentials: a token or certificate is missing, wrong or expired.',
  message: (server) => `the API server at ${server} rejects the credentials of the kubeconfig`,
  help: 'Log in to the cluster again: the token or certificate may have expired.',
})

export const clusterCredentials: ErrorMaker<[server: string, why: string]> = defineError({
  code: 'cluster_credentials',
  status: 401,
  when: 'The credentials program or file of the kubeconfig returned no credentials, or not within `--request-timeout`.',
  message: (server, why) => `cannot get credentials for ${server} from the kubeconfig: ${why}`,
  help: 'Run `kubectl get namespaces`, which uses the same credentials; the credentials program may be waiting for a login.',
})

export const clusterForbidden: ErrorMaker<[verb: string, resource: string, where: string, why: string]> =
  defineError({
    code: 'cluster_forbidden',
    status: 403,
    when: 'The user of the kubeconfig lacks a required permission.',
    message: (verb, resource, where, why) => `not allowed to ${verb} ${resource} ${where}${why}`,
    help: (verb, resource) =>
      `Ask an administrator of the cluster for a Role with the verb ${verb} on ${resource}, and a RoleBinding.`,
  })

export const clusterRefused: ErrorMaker<[what: string, why: string]> = defineError({
  code: 'cluster_refused',
  status: 422,
  when: 'The API server rejects an object: a field is unknown or invalid, or an admission webhook denies it.',
  message: (what, why) => `the API server rejected ${what}: ${why}`,
  help: (_what, why) =>
    /exceeded quota/.test(why)
      ? 'Raise the quota, or request less.'
      : /webhook|admission|denied|terminated/.test(why)
        ? 'This is a rule of the cluster: follow the message, or ask the cluster administrator.'
        : 'Run `hadal deploy lint` to locate the field and see the correct value.',
  docsHelp:
    'Run `hadal deploy lint` to locate the field and see the correct value. If a quota is exceeded, raise it or request less; if an admission webhook denies the object, follow its message.',
})

export const clusterConflict: ErrorMaker<[what: string, fields: readonly string[]]> = defineError({
  code: 'cluster_conflict',
  status: 409,
  when: 'Another field manager owns a field with a different value.',
  message: (what, fields) => `${what} has fields with other managers: ${fields.join('; ')}`,
  help: 'Remove the field from the manifest, or take ownership with --force.',
})

export const clusterBusy: ErrorMaker<[server: string, why: string]> = defineError({
  code: 'cluster_busy',
  status: 503,
  when: 'The API server repeatedly returned an internal error.',
  message: (server, why) => `the API server at ${server} failed: ${why}`,
  help: 'Wait and try again; the log of the API server has the details.',
})

export const namespaceMissing: ErrorMaker<[namespace: string]> = defineError({
  code: 'cluster_namespace_missing',
  status: 404,
  when: 'The namespace does not exist, and no manifest creates it.',
  message: (namespace) => `the namespace ${namespace} does not exist`,
  help: (namespace) => `Create it: kubectl create namespace ${namespace}.`,
})

export const manifestsUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'rollout_manifests_unreadable',
  status: 400,
  when: 'The files given with `-f` cannot be read as manifests.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Name files or folders of YAML or JSON; `hadal deploy lint` reports what is wrong in them.',
})

export const rolloutFailed: ErrorMaker<[why: readonly string[], after: string]> = defineError({
  code: 'rollout_failed',
  status: 500,
  when: 'Pods did not become ready, or an object could not be applied. The previous state is restored unless `--no-rollback` was given.',
  message: (why, after) => [`the rollout failed${after}`, ...why.map((each) => `  ${each}`)].join('\n'),
  help: 'Fix the errors listed and apply again. `hadal deploy status` shows what is running now.',
})

export const rolloutTimeout: ErrorMaker<[time: string, why: readonly string[], after: string]> = defineError({
  code: 'rollout_timeout',
  status: 504,
  when: 'Pods were not ready within `--timeout`. The previous state is restored unless `--no-rollback` was given.',
  message: (time, why, after) =>
    [`not ready after ${time}${after}`, ...why.map((each) => `  ${each}`)].join('\n'),
  help: 'Fix the errors listed, or raise --timeout if a model loads slowly, and apply again.',
})

export const rolloutOvertaken: ErrorMaker<[names: readonly string[]]> = defineError({
  code: 'rollout_overtaken',
  status: 409,
  when: 'The same workload was applied by another client during the rollout. Nothing is rolled back, because that would undo the other change.',
  message: (names) => `another client applied ${names.join(', ')} during the rollout; nothing is rolled back`,
  help: 'Check `hadal deploy status`, and apply again when no other rollout is running.',
})

export const rolloutNotFound: ErrorMaker<[what: string, namespace: string]> = defineError({
  code: 'rollout_not_found',
  status: 404,
  when: 'The namespace contains no object of the deployment.',
  message: (what, namespace) => `the namespace ${namespace} contains nothing of ${what}`,
  help: 'Deploy it with `hadal deploy apply`, or select another namespace or cluster with -n and --context.',
})

export const scaleTargetGone: ErrorMaker<[target: string, why: string]> = defineError({
  code: 'scale_target_gone',
  status: 404,
  when: 'The workload to scale does not exist in the cluster, or is being deleted.',
  message: (target, why) => `${target} ${why}`,
  help: 'Deploy it with `hadal deploy apply`; `hadal deploy status` shows the current state. The scaler resumes automatically.',
})
