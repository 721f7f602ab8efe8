/** Fake nvidia-smi output for one GPU and any driver version: as text and as a program in a folder. */

import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const row = { index: '0', name: 'NVIDIA A10', uuid: 'GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a70' } as const

export const queryAnswer = (driver: string): string =>
  ['index, name, driver_version, uuid', `${row.index}, ${row.name}, ${driver}, ${row.uuid}`, ''].join('\n')

const fieldsAnswer = ['index', 'name', 'driver_version', 'uuid']
  .map((name) => `"${name}"\nA field.\n`)
  .join('\n')

/** A folder for the front of a PATH. */
export async function imitatedSmi(folder: string, driver: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'nvidia-smi')
  const script = `#!/bin/sh
case "$1" in
--help-query-gpu) cat <<'END'
${fieldsAnswer}
END
;;
--query-gpu=*) cat <<'END'
${queryAnswer(driver)}END
;;
-L) echo 'GPU ${row.index}: ${row.name} (UUID: ${row.uuid})' ;;
*) exit 2 ;;
esac
`
  await writeFile(path, script)
  await chmod(path, 0o755)
  return folder
}
