/** Which Prometheus an autoscaler asks. */

import type { Deployment } from '../deployment/deployment.ts'
import { portsOfUrls } from '../manifests/egress-ports.ts'

/** The Service that the operator makes for every Prometheus it runs, where nothing else is said. */
export const prometheusUrlOf = ({ monitoring }: Pick<Deployment, 'monitoring'>): string =>
  monitoring.prometheusUrl ?? `http://prometheus-operated.${monitoring.namespace}.svc:9090`

export const prometheusPorts = (deployment: Pick<Deployment, 'monitoring'>): readonly number[] =>
  portsOfUrls([prometheusUrlOf(deployment)])
