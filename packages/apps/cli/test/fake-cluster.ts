/** A fake cluster and a terminal at its side: `hadal(...)` runs a command against it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Manifest } from '@hadal/fleet'
import { stringify } from 'yaml'
import { main } from '../src/main.ts'
import {
  type FakeKubernetes,
  type FakeKubernetesOptions,
  startFakeKubernetes,
} from './fake-kubernetes/fake-kubernetes.ts'
import { type RecordingTerminal, recordingTerminal } from './recording-terminal.ts'

export interface FakeCluster extends AsyncDisposable {
  readonly folder: string
  readonly fake: FakeKubernetes
  readonly terminal: RecordingTerminal
  /** Writes manifests for the next command. */
  write(manifests: readonly Manifest[]): void
  /** `hadal deploy ...args -f manifests -n hadal`, at the pace of a test. */
  deploy(command: string, ...args: readonly string[]): Promise<Said>
  /** Like `kubectl get`. */
  get(kind: string, name: string): Record<string, unknown> | undefined
}

export interface Said {
  readonly code: number
  readonly printed: string
  readonly noted: string
}

const polled = /^(apply|status|undo)$/

export async function fakeCluster(options: Omit<FakeKubernetesOptions, 'folder'> = {}): Promise<FakeCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-cluster-'))
  const fake = await startFakeKubernetes({ folder, ...options })
  const terminal = recordingTerminal({ folder, env: { KUBECONFIG: fake.kubeconfig } })
  return {
    folder,
    fake,
    terminal,
    write: (manifests) =>
      writeFileSync(join(folder, 'all.yaml'), manifests.map((each) => stringify(each)).join('---\n')),
    async deploy(command, ...args) {
      for (const lines of [terminal.printed, terminal.noted, terminal.statuses]) lines.length = 0
      const poll = polled.test(command) ? ['--poll', '5ms'] : []
      const code = await main(
        ['deploy', command, '-f', 'all.yaml', '-n', 'hadal', ...poll, ...args],
        terminal,
      )
      return { code, printed: terminal.printed.join('\n'), noted: terminal.noted.join('\n') }
    },
    get: (kind, name) => fake.store.get(kind, kind === 'Namespace' ? undefined : 'hadal', name),
    async [Symbol.asyncDispose]() {
      await fake.close()
      rmSync(folder, { recursive: true })
    },
  }
}
