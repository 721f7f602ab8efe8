import { serviceSettings } from '@hadal/config'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { translateLlamaServerFlags } from './translate-flags.ts'

const translate = (line: string, files: Readonly<Record<string, string>> = {}) =>
  translateLlamaServerFlags(line === '' ? [] : line.split(' '), {
    readFile: (path) => {
      if (files[path] === undefined) throw new Error('no such file')
      return files[path]
    },
  })
const args = (line: string, files = {}) => translate(line, files).args.join(' ')

describe("llama-server's flags", () => {
  it.each([
    ['', ''],
    ['-m model.gguf --port 0 --host 0.0.0.0', '-m model.gguf --port 0 --host 0.0.0.0'],
    ['-c 4096', '--context-length 4096'],
    ['-c 0', ''],
    ['-c 4096 -np 4', '--max-batch-size 4 --context-length 1024'],
    ['-np 4 --ctx-size=4096 -kvu', '--max-batch-size 4 --context-length 4096'],
    ['-c 512 -np 1 --no-kv-unified', '--max-batch-size 1 --context-length 512'],
    ['-np -1 -t -1 -n -1 -s -1 -ngl all', ''],
    ['-b 32 -t 2 -ngl 99 -n 64', '--max-batch-tokens 32 --threads 2 --gpu-layers 99 --max-tokens 64'],
    ['--n-predict 1 --temp 0.5 --seed 42', '--max-tokens 1 --temperature 0.5 --seed 42'],
    [
      '--top-k 1 --top-p 0.5 --min-p 0 --repeat-penalty 1.1',
      '--top-k 1 --top-p 0.5 --min-p 0 --repeat-penalty 1.1',
    ],
    ['-a one', '--model-id one'],
    ['--alias tinyllama-2,fim,code', '--model-id code --model-aliases code,fim,tinyllama-2'],
    ['--api-key a --api-key b,c', '--api-keys a,b,c'],
    ['-hf owner/repo:Q8_0', '--model hf:owner/repo:Q8_0'],
    ['--hf-repo owner/repo -hff dir/file.gguf', '--model hf:owner/repo/dir/file.gguf'],
    ['-mu https://host/x.gguf', '--model https://host/x.gguf'],
    ['--embedding --pooling mean', '--embeddings --pooling mean'],
    ['--rerank', '--reranking'],
    ['--pooling rank', '--reranking'],
    ['--lora a.gguf --lora-scaled b:c.gguf:0.5', '--lora a.gguf,b:c.gguf=0.5'],
    ['--lora a.gguf --lora-init-without-apply', '--lora a.gguf=0'],
    ['--slots', '--slots true'],
    ['--slots false', '--slots false'],
    ['--no-slots', '--slots false'],
    ['--ssl-key-file k.pem --ssl-cert-file c.pem', '--tls-key k.pem --tls-cert c.pem'],
    ['-md draft.gguf --draft-max 8', '--draft-model draft.gguf --draft-tokens 8'],
    ['--spec-type none', '--speculation off'],
    ['--reasoning off --reasoning-budget 64', '--thinking false --thinking-budget 64'],
    ['-v', '--log-level debug --verbose-answers'],
    ['-lv 1', '--log-level error'],
    ['--chat-template-file t.jinja', '--chat-template t.jinja'],
    [
      '-cram 512 --mlock --no-mmap --no-warmup',
      '--host-cache 512MiB --lock-memory --map-memory false --preload false',
    ],
    ['--cache-ram 0', '--host-cache 0'],
    ['--cache-ram -1 --warmup', '--preload true'],
    ['--strange -x 1', '--strange -x 1'],
  ])('%s is %s', (given, expected) => expect(args(given)).toBe(expected))

  it('says in a line what it leaves out, and how it divides a context', () => {
    const { args: left, notes } = translate(
      '-fa on -cb --no-webui --direct-io -ub 32 -ctk q8_0 --jinja -fa --metrics --numa numactl',
    )
    expect(left).toEqual([])
    expect(notes).toEqual([
      'ignored, because they have no effect: -fa, -cb, --no-webui, --direct-io, -ub, -ctk, --jinja, --metrics, --numa',
    ])
    expect(translate('-c 4096 -np 4').notes).toHaveLength(1)
    expect(translate('-c 4096').notes).toEqual([])
  })

  it.each(['--mmproj x.gguf', '--context-shift', '--rope-scale 2', '--grammar x', '--spm-infill'])(
    'refuses %s, and says what to do instead',
    (given) =>
      expect(() => translate(given)).toThrow(
        `${given.split(' ')[0]} is a llama-server flag that hadal does not support: `,
      ),
  )

  it('takes values that change nothing', () =>
    expect(args('--reasoning auto --reasoning-budget -1 --reasoning-format deepseek --keep 0')).toBe(''))

  it('reads keys from a file', () => {
    expect(args('--api-key-file keys', { keys: 'a\n\n b \n' })).toBe('--api-keys a,b')
    expect(() => translate('--api-key-file none')).toThrow('no such file')
  })

  it('needs the values of flags that have one', () =>
    expect(() => translate('-np')).toThrow('-np needs a value'))

  it('leaves every flag of its own as it is, alone or with a value', () => {
    const own = Object.values(serviceSettings).flatMap(({ flag }) => flag?.match(/--[\w-]+(?: <)?/g) ?? [])
    const changed = ['--lora', '--slots', '--embeddings', '--reranking', '--pooling', '--draft-tokens']
    for (const flag of own) {
      const [name] = flag.split(' ')
      if (changed.includes(name!)) continue
      const line = flag.endsWith('<') ? [name!, '7'] : [name!]
      const { args: left } = translateLlamaServerFlags(line, { readFile: () => '' })
      const meant = name === '--threads' || name === '--gpu-layers' || name === '--seed' ? line : left
      expect(meant).toEqual(line)
    }
  })

  it('never ends on anything but an error of the command line', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '-c',
        '-np',
        '--lora-scaled',
        '-fa',
        '--slots',
        '--api-key',
        '--alias',
        '-hf',
        '-1',
        'on',
        '=',
      ),
    )
    fc.assert(
      fc.property(fc.array(word), (words) => {
        try {
          translateLlamaServerFlags(words, { readFile: () => '' })
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'usage' })
        }
      }),
    )
  })
})
