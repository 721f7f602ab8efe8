/** The process listening on a port, from /proc: not available for other users' processes. Linux only. */

import { readdir, readFile, readlink } from 'node:fs/promises'

/** `python3 (process 4711)`; undefined if it is unknown. */
export async function holderOf(port: number): Promise<string | undefined> {
  const inodes = new Set(
    (
      await Promise.all(
        ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
      )
    )
      .flatMap((text) => text.split('\n'))
      .flatMap((line) => {
        const fields = line.trim().split(/\s+/)
        const isListening = fields[3] === '0A'
        return isListening && Number.parseInt(fields[1]?.split(':')[1] ?? '', 16) === port
          ? [`socket:[${fields[9]}]`]
          : []
      }),
  )
  if (inodes.size === 0) return undefined
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of processes) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
    const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')))
    if (!links.some((link) => inodes.has(link))) continue
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
    return `${name.trim() || 'a program'} (process ${pid})`
  }
  return undefined
}
