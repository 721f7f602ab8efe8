/**
 * A service on one machine, for `docker compose`: gateway and engine in one container, state on a volume, keys in an uncommitted
 * file; the profile `monitoring` adds Prometheus and Alertmanager with the output of `hadal monitor render`. Makes no choices.
 */

import { prometheusConfig } from '../alerting/prometheus-config.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { toYamlDocument, withComment } from '../manifests/to-yaml.ts'
import { healthCommand, healthTimes, imageHome } from './image-facts.ts'

export interface ComposeOptions {
  /** Builds the image from here, if set. */
  readonly build?: { readonly context: string; readonly target: string } | undefined
  /** The service's config file, relative to the compose file: `./hadal.config.json`. Without it the service uses defaults. */
  readonly config?: string | undefined
  /** What `hadal monitor render` wrote, from the compose file. Default: `./monitoring`. */
  readonly monitoringFolder?: string | undefined
}

const prometheusImage = 'docker.io/prom/prometheus:v2.53.4'
const alertmanagerImage =
  'docker.io/prom/alertmanager:v0.28.1@sha256:27c475db5fb156cab31d5c18a4251ac7ed567746a2483ff264516437a39b15ba'
const port = 8080

/** Everything that is not said to be writable is not, and no process gets a right of the kernel's. */
const confined = {
  read_only: true,
  tmpfs: ['/tmp'],
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  restart: 'unless-stopped',
} as const

/**
 * A Docker Compose file of the service, for one machine.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { composeFile } from '@hadal/fleet'
 *
 * composeFile(deployment).includes('services:') // → true
 * ```
 */
export function composeFile(deployment: Deployment, options: ComposeOptions = {}): string {
  const { build, config, monitoringFolder = './monitoring' } = options
  const { name } = deployment
  const document = {
    name,
    services: {
      hadal: serving(deployment, build, config),
      prometheus: {
        image: prometheusImage,
        profiles: ['monitoring'],
        command: ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus'],
        ports: ['127.0.0.1:9090:9090'],
        configs: [{ source: 'prometheus', target: '/etc/prometheus/prometheus.yml' }],
        volumes: ['prometheus:/prometheus', `${monitoringFolder}/rules:/etc/prometheus/rules:ro`],
        ...confined,
      },
      alertmanager: {
        image: alertmanagerImage,
        profiles: ['monitoring'],
        // Alone: without an address for others of a cluster.
        command: [
          '--config.file=/etc/alertmanager/alertmanager.yml',
          '--storage.path=/alertmanager',
          '--cluster.listen-address=',
        ],
        volumes: [
          'alertmanager:/alertmanager',
          `${monitoringFolder}/alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro`,
        ],
        ...confined,
      },
    },
    configs: { prometheus: { content: prometheusOf(deployment) } },
    volumes: { state: {}, prometheus: {}, alertmanager: {} },
  }
  return withComment(
    toYamlDocument(document),
    `${name} on one box: docker compose up -d --wait; with Prometheus: docker compose --profile monitoring up -d
Put keys into hadal.env and do not commit it: HADAL_API_KEYS=...
See docs/images.md.`,
  )
}

function serving(
  { gateway, engines }: Deployment,
  build: ComposeOptions['build'],
  config: string | undefined,
): object {
  // Below the installed packages, which a config in TypeScript imports.
  const configPath = config && `/opt/hadal/config/${config.split('/').at(-1)}`
  const gpus = Math.max(0, ...engines.filter(({ kind }) => kind === 'llama').map((engine) => engine.gpus))
  return {
    image: gateway.image,
    ...(build && { build }),
    command: ['serve', ...(configPath ? ['--config', configPath] : [])],
    env_file: ['./hadal.env'],
    ports: [`127.0.0.1:${port}:${port}`],
    volumes: [`state:${imageHome}`, ...(configPath ? [`${config}:${configPath}:ro`] : [])],
    ...confined,
    healthcheck: { test: ['CMD', ...healthCommand], ...healthTimes },
    stop_grace_period: `${gateway.times.terminationGraceSeconds}s`,
    ...(gpus > 0 && {
      deploy: {
        resources: {
          reservations: { devices: [{ driver: 'nvidia', count: gpus, capabilities: ['gpu'] }] },
        },
      },
    }),
  }
}

/** compose substitutes `$`. */
const prometheusOf = ({ name, monitor }: Deployment): string =>
  prometheusConfig({
    scrape: [{ job: name, url: `http://hadal:${port}/metrics` }],
    ruleFiles: ['rules/rules.yaml'],
    alertmanagers: ['alertmanager:9093'],
    scrapeIntervalMillis: monitor.scrapeIntervalMillis,
    evaluationIntervalMillis: monitor.evaluationIntervalMillis ?? monitor.scrapeIntervalMillis,
  }).replaceAll('$', '$$$$')
