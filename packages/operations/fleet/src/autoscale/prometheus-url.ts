/** Which Prometheus an autoscaler asks. */

import type { Deployment } from '../deployment/deployment.ts'
import { portsOfUrls } from '../manifests/egress-ports.ts'

/** Default: the Service that the operator creates for every Prometheus it runs. */
export const prometheusUrlOf = ({ monitoring }: Pick<Deployment, 'monitoring'>): string =>
  monitoring.prometheusUrl ?? `http://prometheus-operated.${monitoring.namespace}.svc:9090`

export const prometheusPorts = (deployment: Pick<Deployment, 'monitoring'>): readonly number[] =>
  portsOfUrls([prometheusUrlOf(deployment)])
