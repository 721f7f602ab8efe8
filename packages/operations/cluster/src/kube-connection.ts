/** Resolves cluster and credentials from a kubeconfig with the Kubernetes client, which is loaded lazily, and signs requests. */

import { existsSync } from 'node:fs'
import { Agent as HttpAgent, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { messageOf, systemClock } from '@hadal/base'
import type { Terminal } from '@hadal/output'
import type { KubeConfig } from '@kubernetes/client-node'
import { clusterConfigInvalid, clusterCredentials } from './errors.ts'
import { type ExecCredential, type ExecPlugin, execCredential } from './exec-credential.ts'
import { readKubeconfig } from './read-kubeconfig.ts'

export interface ConnectionFlags {
  readonly kubeconfig?: string
  readonly context?: string
}

export interface KubeConnection extends Disposable {
  readonly server: URL
  readonly context: string
  /** Namespace of the context; `default` if it names none. */
  readonly namespace: string
  /** For each request again, since tokens expire. Throws `cluster_credentials`. */
  sign(): Promise<RequestOptions>
}

/** Throws `cluster_config_invalid`. */
export async function connect(flags: ConnectionFlags, { env, folder }: Terminal): Promise<KubeConnection> {
  const client = await import('@kubernetes/client-node')
  const config = new client.KubeConfig()
  const [first, ...others] = filesOf(flags.kubeconfig, env, folder)
  try {
    if (first === undefined) {
      if (env.KUBERNETES_SERVICE_HOST === undefined)
        throw new Error('there is no kubeconfig (--kubeconfig, KUBECONFIG, ~/.kube/config)')
      config.loadFromCluster()
    } else {
      await load(config, first)
      for (const file of others) {
        const other = new client.KubeConfig()
        await load(other, file)
        config.mergeConfig(other, true)
      }
    }
  } catch (thrown) {
    throw clusterConfigInvalid(messageOf(thrown)).with({ cause: thrown })
  }
  if (flags.context !== undefined) {
    const names = config.getContexts().map(({ name }) => name)
    if (!names.includes(flags.context))
      throw clusterConfigInvalid(
        `there is no context ${flags.context}; there are ${names.join(', ') || 'none'}`,
      )
    config.setCurrentContext(flags.context)
  }
  const cluster = config.getCurrentCluster()
  if (!cluster) throw clusterConfigInvalid('the kubeconfig has no current context')
  if (!URL.canParse(cluster.server)) throw clusterConfigInvalid(`${cluster.server} is no address of a server`)
  const server = new URL(cluster.server)
  const isPlain = server.protocol === 'http:'
  // The client signs requests without TLS only with this option; `kubectl proxy` is one such server.
  if (isPlain) config.clusters = config.clusters.map((each) => ({ ...each, skipTLSVerify: true }))
  const user = config.getCurrentUser()
  const plugin = user?.exec as ExecPlugin | undefined
  // The client's own way runs it without an end, and for each request.
  if (user !== null && plugin !== undefined)
    config.users = config.users.map(({ exec, ...rest }) =>
      rest.name === user.name ? rest : { ...rest, exec },
    )
  const ended = new AbortController()
  const credential =
    plugin &&
    execCredential(plugin, {
      env,
      folder: dirname(first ?? folder),
      clock: systemClock,
      signal: ended.signal,
    })
  let agent: HttpAgent | undefined
  return {
    server,
    context: config.getCurrentContext(),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace || 'default',
    async sign() {
      const options: RequestOptions = {}
      try {
        await config.applyToHTTPSOptions(options)
        if (credential !== undefined) withCredential(options, await credential())
      } catch (thrown) {
        throw clusterCredentials(server.href, messageOf(thrown)).with({ cause: thrown })
      }
      if (cluster.proxyUrl) return options
      // Its agents serve one request; ours keep connections.
      const { agent: _, ...rest } = options
      agent ??= isPlain ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true })
      return { ...rest, agent }
    },
    [Symbol.dispose]() {
      ended.abort('closed')
      agent?.destroy()
    },
  }
}

/** As `loadFromFile` does, but from pipes, too. */
async function load(config: KubeConfig, file: string): Promise<void> {
  config.loadFromString(await readKubeconfig(file))
  config.makePathsAbsolute(dirname(file))
}

function withCredential(options: RequestOptions, { token, certificate, key }: ExecCredential): void {
  if (token !== undefined)
    options.headers = { ...(options.headers as Record<string, string>), Authorization: `Bearer ${token}` }
  if (certificate !== undefined) Object.assign(options, { cert: certificate, key })
}

function filesOf(flag: string | undefined, env: Terminal['env'], folder: string): string[] {
  if (flag !== undefined) return [resolve(folder, flag)]
  if (env.KUBECONFIG)
    return env.KUBECONFIG.split(process.platform === 'win32' ? ';' : ':').filter(
      (file) => file !== '' && existsSync(file),
    )
  const usual = join(env.HOME ?? homedir(), '.kube', 'config')
  return existsSync(usual) ? [usual] : []
}
