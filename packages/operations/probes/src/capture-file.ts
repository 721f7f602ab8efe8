/** Capture files: written without secrets, for sharing, and read back. */

import { open, readFile, stat } from 'node:fs/promises'
import { homedir, hostname, userInfo } from 'node:os'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { type HadalError, messageOf } from '@hadal/base'
import { type Capture, parseCapture, redactCapture } from '@hadal/doctor'
import type { Terminal } from '@hadal/output'
import { usage } from '@hadal/output'
import { doctorCaptureUnwritable, doctorFixtureUnreadable } from './errors.ts'

/** Readable for its owner alone. Throws `doctor_capture_unwritable`. */
export async function keepCapture(
  path: string,
  capture: Capture,
  secrets: readonly string[],
  { folder }: Pick<Terminal, 'folder'>,
): Promise<void> {
  const known = { secrets, home: homedir(), user: userName(), host: hostname() }
  const kept = `${JSON.stringify(redactCapture(capture, known), null, 2)}\n`
  const whole = resolve(folder, path)
  const unwritable = (why: string): HadalError => doctorCaptureUnwritable(path, why)
  // To open a pipe waits for its other end.
  if ((await stat(whole).catch(() => undefined))?.isFile() === false)
    throw unwritable('it must be a regular file')
  await writeOwn(whole, kept).catch((thrown: unknown) => {
    throw unwritable(messageOf(thrown)).with({ cause: thrown })
  })
}

/** A file that stood there may be readable for everybody: it is made its owner's before anything is in it. */
async function writeOwn(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.chmod(0o600)
    await file.writeFile(text)
  } finally {
    await file.close()
  }
}

/** A user of a container may have no name. */
function userName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

/** As many bytes as a capture of a large cluster may have. */
const largest = 256 * 2 ** 20

/** Throws `doctor_fixture_unreadable`, `doctor_capture_invalid` and `usage`. */
export async function readCapture(
  path: string,
  { folder }: Pick<Terminal, 'folder'>,
  input: NodeJS.ReadStream = process.stdin,
): Promise<Capture> {
  if (path === '-') {
    if (input.isTTY)
      throw usage(
        '--fixture - reads a capture from standard input, but standard input is a terminal',
        'hadal doctor',
      )
    return parseCapture(await text(input), 'standard input')
  }
  const whole = resolve(folder, path)
  const unreadable = (why: string): Error => doctorFixtureUnreadable(path, why)
  const found = await stat(whole).catch((thrown: unknown) => {
    throw unreadable(messageOf(thrown))
  })
  if (!found.isFile()) throw unreadable('it must be a regular file')
  if (found.size > largest) throw unreadable('it is too large for a capture')
  const said = await readFile(whole, 'utf8').catch((thrown: unknown) => {
    throw unreadable(messageOf(thrown))
  })
  return parseCapture(said, path)
}
