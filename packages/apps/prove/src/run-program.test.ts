import { expect, it } from 'vitest'
import { runProgram } from './run-program.ts'

const script = (code: string): readonly string[] => [process.execPath, '-e', code]
const signal = new AbortController().signal

it('gives what was said, and codes that are answers', async () => {
  const said = await runProgram(
    script('console.log(process.env.WORD); console.error("b"); process.exitCode = 3'),
    {
      signal,
      codes: [3],
      env: { WORD: 'a' },
    },
  )
  expect(said).toEqual({ code: 3, stdout: 'a\n', stderr: 'b\n' })
})

it('throws where the code is no answer, with the last that was said, and where there is no such program', async () => {
  const failed = runProgram(script('console.error("out of luck"); process.exit(7)'), { signal })
  await expect(failed).rejects.toMatchObject({
    code: 'prove_program_failed',
    message: expect.stringMatching(/ended with code 7: out of luck/),
  })
  await expect(runProgram(['no-such-program-here'], { signal })).rejects.toMatchObject({
    code: 'prove_program_failed',
  })
})

it('ends the program with the signal, and throws its reason', async () => {
  const stop = new AbortController()
  const running = runProgram(script('setInterval(() => {}, 1000)'), { signal: stop.signal })
  setTimeout(() => stop.abort(new Error('enough')), 50)
  await expect(running).rejects.toThrow('enough')
})
