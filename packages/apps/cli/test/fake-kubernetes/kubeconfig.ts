/** A kubeconfig as users have it. */

import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import type { Certificates } from './certificates.ts'

export interface KubeconfigPlan {
  readonly url: string
  readonly token: string
  /** The user has a client certificate instead of a token. */
  readonly certificates: Certificates | undefined
  /** Namespace of the context. */
  readonly namespace?: string
}

export function writeKubeconfig(
  path: string,
  { url, token, certificates, namespace = 'default' }: KubeconfigPlan,
): void {
  const data = (text: string): string => Buffer.from(text).toString('base64')
  const cluster = {
    server: url,
    ...(certificates === undefined ? {} : { 'certificate-authority-data': data(certificates.ca) }),
  }
  const user =
    certificates === undefined
      ? { token }
      : {
          'client-certificate-data': data(certificates.client.certificate),
          'client-key-data': data(certificates.client.key),
        }
  writeFileSync(
    path,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'fake',
      clusters: [{ name: 'fake', cluster }],
      users: [{ name: 'me', user }],
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'me', namespace } }],
    }),
    { mode: 0o600 },
  )
}
