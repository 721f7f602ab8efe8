/** Runs Prometheus and Alertmanager for `hadal monitor up`: starts, restarts and stops them together, as described by `localStack`. */

import { join } from 'node:path'
import type { LocalStack } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { isReady } from './ask-prometheus.ts'
import { onPath } from './find-programs.ts'
import type { StateFolder } from './state-folder.ts'
import { WatchedProgram } from './watched-program.ts'

export interface StackPlan {
  readonly stack: LocalStack
  readonly folder: StateFolder
  readonly programs: { readonly prometheus: string; readonly alertmanager: string }
  readonly prometheusUrl: string
  readonly alertmanagerUrl: string
  /** A sentence on what happened to one of them. */
  onNews(text: string): void
}

export class RunningStack implements AsyncDisposable {
  readonly #prometheus: WatchedProgram
  readonly #alertmanager: WatchedProgram
  /** Rejects when one of them will not run any more. */
  readonly failed: Promise<never>

  /** Resolves when both are ready. Throws `monitor_program_ended`, `monitor_not_ready`, and the signal's reason. */
  static async start(plan: StackPlan, terminal: Terminal, signal: AbortSignal): Promise<RunningStack> {
    const running = new RunningStack(plan, terminal)
    const programs = [running.#alertmanager, running.#prometheus]
    try {
      await Promise.all(programs.map((program) => program.start(signal)))
      return running
    } catch (error) {
      await running[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(plan: StackPlan, terminal: Terminal) {
    const { stack, folder, programs, prometheusUrl, alertmanagerUrl, onNews } = plan
    const shared = {
      env: programEnv(terminal),
      setpriv: onPath('setpriv', terminal),
      onNews,
      onStart: () => {
        const marks = [this.#prometheus, this.#alertmanager].flatMap(({ mark }) => mark ?? [])
        folder.note({ prometheusUrl, alertmanagerUrl, programs: marks })
      },
    }
    this.#prometheus = new WatchedProgram({
      ...shared,
      name: 'Prometheus',
      path: programs.prometheus,
      args: stack.prometheusArguments,
      log: join(folder.path, 'prometheus.log'),
      isReady: () => isReady(prometheusUrl),
    })
    this.#alertmanager = new WatchedProgram({
      ...shared,
      name: 'Alertmanager',
      path: programs.alertmanager,
      args: stack.alertmanagerArguments,
      log: join(folder.path, 'alertmanager.log'),
      isReady: () => isReady(alertmanagerUrl),
    })
    this.failed = Promise.race([this.#prometheus.failed, this.#alertmanager.failed])
    this.failed.catch(() => {})
  }

  /** Whether one of them has said since the last call that the disk is full. */
  hasDiskFilled(): boolean {
    const said = [this.#prometheus, this.#alertmanager].map((program) => program.hasDiskFilled())
    return said.includes(true)
  }

  /** The sender stops before the receiver, so that a last alert still arrives. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#prometheus[Symbol.asyncDispose]()
    await this.#alertmanager[Symbol.asyncDispose]()
  }
}

/** Without this process's other variables, which may include keys. */
function programEnv({ env }: Terminal): Record<string, string> {
  const passed = ['PATH', 'HOME', 'TZ', 'LANG', 'LC_ALL', 'TMPDIR', 'SSL_CERT_FILE', 'SSL_CERT_DIR']
  return Object.fromEntries(passed.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}
