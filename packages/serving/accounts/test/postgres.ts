/** A private PostgreSQL, in a temporary folder with a socket, that can be killed and restarted. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where Debian and other distributions install the server programs, outside PATH. */
function findPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

/** Why PostgreSQL is unavailable here; undefined if it is available. */
export function whyNoPostgres(): string | undefined {
  return findPrograms() === undefined
    ? 'PostgreSQL is not installed; on Debian: apt-get install postgresql'
    : undefined
}

/** PostgreSQL refuses to run as root; then it runs as `nobody`. */
const nobody = 65_534
const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}

export class Postgres implements AsyncDisposable {
  readonly #programs: string
  readonly #folder: string
  #process: ChildProcess | undefined

  private constructor(programs: string, folder: string) {
    this.#programs = programs
    this.#folder = folder
  }

  static async start(): Promise<Postgres> {
    const programs = findPrograms()
    if (programs === undefined) throw new Error(whyNoPostgres())
    const folder = mkdtempSync(join(tmpdir(), 'hadal-pg-'))
    if (user.uid !== undefined) chownSync(folder, nobody, nobody)
    const { status, stderr } = spawnSync(
      join(programs, 'initdb'),
      ['-D', join(folder, 'data'), '-A', 'trust', '-U', 'hadal', '-E', 'UTF8', '--no-locale', '--no-sync'],
      { ...user, encoding: 'utf8', cwd: folder },
    )
    if (status !== 0) throw new Error(`initdb failed: ${stderr}`)
    const postgres = new Postgres(programs, folder)
    await postgres.restart()
    return postgres
  }

  get url(): string {
    return `postgres://hadal@localhost/postgres?host=${encodeURIComponent(this.#folder)}`
  }

  /** Restarts after `kill`, with everything committed. Resolves when it responds. */
  async restart(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const child = spawn(
        join(this.#programs, 'postgres'),
        ['-D', join(this.#folder, 'data'), '-k', this.#folder, '-c', 'listen_addresses='],
        { ...user, stdio: ['ignore', 'ignore', 'pipe'], cwd: this.#folder },
      )
      let said = ''
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-20_000)
      })
      this.#process = child
      while (child.exitCode === null && child.signalCode === null) {
        if (said.includes('ready to accept connections')) return
        await sleep(20)
      }
      // Killed processes may not have released their shared memory yet.
      if (attempt > 20) throw new Error(`PostgreSQL did not start: ${said}`)
      child.kill('SIGKILL')
      await sleep(200)
    }
  }

  /** SIGKILL for it and all its children. */
  async kill(): Promise<void> {
    const child = this.#process!
    const exited = new Promise((resolve) => child.once('exit', resolve))
    const pid = child.pid ?? 0
    const all = [pid, ...childrenOf(pid)]
    for (const each of all) signal(each, 'SIGKILL')
    await exited
  }

  /** Hangs it: connections stay open without any response. */
  freeze(): void {
    for (const pid of [this.#process!.pid!, ...childrenOf(this.#process!.pid!)]) signal(pid, 'SIGSTOP')
  }

  thaw(): void {
    for (const pid of [this.#process!.pid!, ...childrenOf(this.#process!.pid!)]) signal(pid, 'SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {}
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent
      } catch {
        return false
      }
    })
    .map(Number)
}
