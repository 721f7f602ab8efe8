import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const program = `
  const { processTerminal } = await import(${JSON.stringify(fileURLToPath(new URL('./terminal.ts', import.meta.url)))})
  const terminal = processTerminal()
  for (let line = 0; line < 20000; line += 1) terminal.print('line ' + line)
  await new Promise((resolve) => setTimeout(resolve, 200))
  terminal.print('and more')
`

it('takes no harm from a reader that has read enough', () => {
  const { stdout, stderr, status } = spawnSync(
    'sh',
    [
      '-c',
      '("$0" --import "$1" --input-type=module -e "$2"; echo "ended with $?" >&2) | head -n 1',
      process.execPath,
      import.meta.resolve('tsx'),
      program,
    ],
    { encoding: 'utf8' },
  )
  expect({ stdout, stderr, status }).toEqual({ stdout: 'line 0\n', stderr: 'ended with 0\n', status: 0 })
})
