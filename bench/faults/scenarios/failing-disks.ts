/** The disk of the key database and the usage journal fails for a while: requests are served, and usage is recorded once. */

import { spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { compilerMissing, errnos, Injector } from '../injector.ts'
import { chat, Requests } from '../requests.ts'
import type { Scenario } from '../scenario.ts'
import { compareUsage, createKey, serve, TemporaryFolder, works } from '../serving.ts'

interface Disk extends Partial<Disposable> {
  readonly env?: Readonly<Record<string, string>>
  fail(): void
  heal(): void
}

function failingDisk(
  name: string,
  inject: string,
  unavailable: Scenario['unavailable'],
  open: (folder: TemporaryFolder, state: string) => Disk,
): Scenario {
  const run: Scenario['run'] = async (scale) => {
    using folder = new TemporaryFolder()
    const state = folder.folder('state')
    using disk = { [Symbol.dispose]() {}, ...open(folder, state) }
    const database = join(state, 'accounts.sqlite')
    const key = createKey(database)
    await using serving = await serve(['--database', database], { ...(disk.env && { env: disk.env }) })
    const requests = new Requests(serving.url)
    const rounds = Math.max(1, Math.round(8 * scale))
    let survived = 0
    for (let round = 0; round < rounds; round += 1) {
      const load = requests.load(Math.round(60 * scale), 6, () => chat('nano', 4), { key })
      disk.fail()
      await load
      disk.heal()
      await requests.load(5, 5, () => chat('nano', 4), { key })
      if (await works(serving.url, { key })) survived += 1
    }
    const note = await compareUsage(serving, database, requests, survived)
    const noticed = /journal/.test(serving.hadal.output)
    const problems = noticed ? [] : ['the log does not mention the error']
    return await requests.account(rounds, survived, { problems, note })
  }
  return { name, inject, ...(unavailable && { unavailable }), run }
}

const preloaded = (error: keyof typeof errnos): Scenario =>
  failingDisk(
    `${error} on the key database and the journal`,
    `LD_PRELOAD: writing, syncing and opening for writing fail with ${error} while requests run`,
    compilerMissing,
    (folder, state) => {
      const injector = new Injector(folder, state)
      return {
        env: injector.env,
        fail: () => injector.set({ errno: errnos[error] }),
        heal: () => injector.set(),
      }
    },
  )

export const mount = (...args: readonly string[]): boolean => spawnSync('mount', args).status === 0
const unmount = (path: string): void => void spawnSync('umount', ['--lazy', path])

export function mountMissing(): string | undefined {
  using folder = new TemporaryFolder()
  if (!mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder.path))
    return 'mounting a tmpfs is not permitted'
  unmount(folder.path)
  return undefined
}

const fullDisk = failingDisk(
  'ENOSPC: the disk of the key database and the journal is full',
  'a tmpfs of 2 MiB is filled while requests run, and freed again',
  mountMissing,
  (_, state) => {
    mount('-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', state)
    const filler = join(state, 'filler')
    return {
      fail: () => {
        const file = openSync(filler, 'w')
        for (const size of [65_536, 1])
          try {
            for (;;) writeSync(file, Buffer.alloc(size))
          } catch {}
        closeSync(file)
      },
      heal: () => rmSync(filler),
      [Symbol.dispose]: () => unmount(state),
    }
  },
)

const readOnly: Scenario = {
  name: 'a read-only key database at start',
  inject: 'the file system of the database is mounted read-only, then writable again',
  unavailable: mountMissing,
  run: async () => {
    using folder = new TemporaryFolder()
    const state = folder.folder('state')
    mount('-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', state)
    try {
      const database = join(state, 'accounts.sqlite')
      const key = createKey(database)
      mount('-o', 'remount,ro', state)
      const refused = await serve(['--database', database]).then(
        (serving) => serving[Symbol.asyncDispose]().then(() => 'it started'),
        (error: Error) => /error\[\w+\]/.exec(error.message)?.[0] ?? error.message.slice(0, 300),
      )
      mount('-o', 'remount,rw', state)
      await using serving = await serve(['--database', database])
      const requests = new Requests(serving.url)
      await requests.load(10, 2, () => chat('nano', 4), { key })
      return await requests.account(1, (await works(serving.url, { key })) ? 1 : 0, {
        problems: refused.startsWith('error[') ? [] : [`the start was not refused: ${refused}`],
        note: `the start is refused with ${refused}`,
      })
    } finally {
      unmount(state)
    }
  },
}

export const failingDisks: readonly Scenario[] = [fullDisk, preloaded('EIO'), preloaded('EROFS'), readOnly]
