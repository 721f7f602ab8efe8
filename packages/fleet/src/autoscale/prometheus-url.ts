/** Which Prometheus an autoscaler asks. */

import type { Deployment } from '../deployment/deployment.ts'

/** The Service that the operator makes for every Prometheus it runs, where nothing else is said. */
export const prometheusUrlOf = ({ monitoring }: Pick<Deployment, 'monitoring'>): string =>
  monitoring.prometheusUrl ?? `http://prometheus-operated.${monitoring.namespace}.svc:9090`
