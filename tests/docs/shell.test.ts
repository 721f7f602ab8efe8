import { expect, it } from 'vitest'
import { callsOf } from './shell.ts'

const words = (code: string) => callsOf(code).map((call) => call.words.join(' · '))

it('splits what is typed into calls and words', () => {
  expect(words('hadal serve   # the model\nnpx hadal bench serve --rate 1,2')).toEqual([
    'hadal · serve',
    'npx · hadal · bench · serve · --rate · 1,2',
  ])
  expect(words(`echo "a b" | hadal guard check - && ls > out.txt`)).toEqual([
    'echo · a b',
    'hadal · guard · check · -',
    'ls',
  ])
  expect(words('curl x \\\n  -d \'{"a":\n1}\'; A=1 B=2 hadal x')).toEqual([
    'curl · x · -d · {"a":\n1}',
    'hadal · x',
  ])
  expect(words('export KEY=$(openssl rand -hex 32)')).toEqual(['export · KEY=$(openssl rand -hex 32)'])
})
