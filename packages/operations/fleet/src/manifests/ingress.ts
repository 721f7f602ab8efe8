/** The way in from outside of the cluster, where the service has a host name. */

import type { Deployment } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { labelsOf, nameWith, selectorOf } from './labels.ts'

/** Keys travel through it, so it has TLS: the certificate is in the Secret `NAME-tls`, from cert-manager or by hand. */
export function ingressOf(deployment: Deployment): readonly Manifest[] {
  const { name, namespace, host, gateway } = deployment
  if (host === undefined) return []
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        name,
        namespace,
        labels: labelsOf(deployment, selectorOf(deployment, 'gateway')),
        // ingress-nginx buffers responses and times out after a minute by default; other controllers have other annotations.
        annotations: {
          'nginx.ingress.kubernetes.io/proxy-buffering': 'off',
          'nginx.ingress.kubernetes.io/proxy-body-size': '0',
          'nginx.ingress.kubernetes.io/proxy-read-timeout': String(gateway.times.terminationGraceSeconds),
        },
      },
      spec: {
        tls: [{ hosts: [host], secretName: nameWith(name, 'tls') }],
        rules: [
          {
            host,
            http: {
              paths: [
                { path: '/', pathType: 'Prefix', backend: { service: { name, port: { name: 'http' } } } },
              ],
            },
          },
        ],
      },
    },
  ]
}
